// What is done with a cluster after it was adopted: from its settings, through the wizard's way.
import { adopt, type Adopted } from "../fixtures/clusters.ts";
import { expect, Harbors, hydrated, test as base } from "../fixtures/test.ts";
import { Wizard } from "../pages/wizard.ts";
import { en } from "../pages/words.ts";

const test = base.extend<object, { cluster: Adopted }>({
  harborsOptions: [{ nodes: 4 }, { scope: "worker", option: true }],
  cluster: [
    async ({ breakwater, session, harbors }, use) => {
      await harbors.push(0, "library/hello", "v1");
      await use(await adopt(breakwater, session, harbors, "Releases", ["hq", "east"], "one-to-many"));
    },
    { scope: "worker" },
  ],
});

test.describe.configure({ mode: "serial" });
/** The browser itself logs the status of what is refused. */
test.use({ expectedErrors: [/status of 4(22|09|00)/] });

test.beforeEach(async ({ page, cluster }) => {
  test.setTimeout(120_000);
  await page.goto(`/clusters/${cluster.id}?tab=settings`);
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Nodes", exact: true })).toBeVisible();
});

test("add a node: only it is asked for, and it is proven", async ({ page, harbors, accessible }) => {
  const wizard = new Wizard(page);
  await accessible();
  await page.getByRole("button", { name: en.addNode, exact: true }).click();
  await wizard.title(en.changeTitle);
  await expect(wizard.field(0, en.address)).toHaveValue(harbors.urls[0]);
  await expect(wizard.node(0)).toContainText("stays");
  await expect(wizard.node(2)).toContainText("joins");
  await wizard.fill(2, { address: harbors.urls[2], name: "west" });
  await accessible();
  await wizard.check();
  await wizard.fine();
  await accessible();
  await wizard.review();
  // The difference alone.
  await expect(page.getByRole("heading", { name: "hq → west" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "hq → east" })).toHaveCount(0);
  await accessible();
  await wizard.toApply();
  await wizard.apply();
  await wizard.title(en.changeDone);
  await expect(wizard.proof).toHaveCount(1);
  await accessible();
  await page.getByRole("link", { name: en.seeCluster }).click();
  await expect(page.getByRole("region", { name: en.nodesNow })).toContainText("west");
  await expect(page.getByRole("main")).toContainText("The source and all 2 copies serve.", { timeout: 30_000 });
});

test("replace a node: another Harbor takes its place and its name", async ({ page, harbors }) => {
  const wizard = new Wizard(page);
  await page.getByLabel("Replace east", { exact: true }).click();
  await page.getByRole("switch", { name: "The new node takes over the name east" }).check();
  await page.getByRole("button", { name: "Name the new Harbor" }).click();
  await wizard.title(en.changeTitle);
  const place = await joins(wizard);
  await wizard.fill(place, { address: harbors.urls[3] });
  await wizard.change();
  expect(await harbors.robots(1), "what was made for the old one").toEqual([]);
  expect(await harbors.robots(3)).not.toEqual([]);
});

test("retire a node: what was made for it is removed", async ({ page, harbors }) => {
  const wizard = new Wizard(page);
  await expect(page.getByRole("button", { name: "Retire hq" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Retire west" }).click();
  await wizard.title(en.changeTitle);
  await expect(page.getByLabel(en.address, { exact: true })).toHaveCount(2);
  await wizard.change();
  expect(await harbors.robots(2)).toEqual([]);
  await page.getByRole("link", { name: en.seeCluster }).click();
  await expect(page.getByRole("region", { name: en.nodesNow })).not.toContainText("west");
});

test("change an address: the same Harbor under another name", async ({ page, harbors }) => {
  const wizard = new Wizard(page);
  await page.getByRole("button", { name: "Change the address of hq" }).click();
  await wizard.title(en.changeTitle);
  const elsewhere = harbors.urls[0].replace("127.0.0.1", "localhost");
  // The robot that is kept works there as well.
  await wizard.field(0, en.address).fill(elsewhere);
  await wizard.change();
  await page.getByRole("link", { name: en.seeCluster }).click();
  // Until the cluster's own tabs are there, the last link of that name is the section's.
  await expect(page.getByRole("region", { name: en.nodesNow })).toBeVisible();
  await page.getByRole("link", { name: en.settings, exact: true }).last().click();
  await expect(page.getByText(elsewhere)).toBeVisible();
});

test("replace a credential: a wrong one is refused and the old one stays", async ({ page }) => {
  const form = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "hq" }) });
  await form.getByLabel("Replace the credential of hq").click();
  await form.getByLabel(en.username, { exact: true }).fill("admin");
  await form.getByLabel("Password or secret").fill("not this one");
  await form.getByRole("button", { name: "Try it and keep it" }).click();
  await expect(form.getByRole("alert")).toBeVisible();
  await expect(form.getByLabel(en.username, { exact: true })).toHaveValue("admin");
  await form.getByLabel("Password or secret").fill(Harbors.password);
  await form.getByRole("button", { name: "Try it and keep it" }).click();
  await expect(page.getByText("hq accepted the new credential; it is kept.")).toBeVisible();
});

test("remove the cluster and take back everything that was made", async ({ page, harbors }) => {
  await page.getByRole("radio", { name: "Take it back" }).check();
  const name = page.getByLabel("Type Releases to confirm");
  await name.fill("Something else");
  await page.getByRole("button", { name: "Remove cluster" }).click();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await name.fill("Releases");
  await page.getByRole("button", { name: "Remove cluster" }).click();
  await expect(page).toHaveURL(/\/runs\//);
  await expect(page.getByRole("status").filter({ hasText: /succeeded|done/i }).first()).toBeVisible({ timeout: 60_000 });
  for (const index of [0, 3]) expect(await harbors.robots(index)).toEqual([]);
  await page.goto("/clusters");
  await expect(page.getByText("Releases")).toHaveCount(0);
});

/** Which panel is the node that joins. */
async function joins(wizard: Wizard): Promise<number> {
  const count = await wizard.page.getByLabel(en.address, { exact: true }).count();
  for (let index = 0; index < count; index++) {
    if ((await wizard.node(index).textContent())!.includes("joins")) return index;
  }
  throw new Error("no node joins");
}
