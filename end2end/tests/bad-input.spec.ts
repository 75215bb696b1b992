import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { adopt } from "../fixtures/clusters.ts";
import type { HarborsOptions } from "../fixtures/harbors.ts";
import { expect, Harbors, hydrated, test as base } from "../fixtures/test.ts";
import { Wizard } from "../pages/wizard.ts";
import { en } from "../pages/words.ts";

/** A web server that is no Harbor, and Harbors that one test breaks. */
const test = base.extend<{ notHarbor: string; start: (options?: HarborsOptions) => Promise<Harbors> }>({
  notHarbor: async ({}, use) => {
    const server: Server = createServer((_, answer) => {
      answer.writeHead(200, { "content-type": "text/html" }).end("<h1>It works!</h1>");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    server.close();
  },
  start: async ({}, use) => {
    const started: Harbors[] = [];
    await use(async (options) => {
      const harbors = await Harbors.start(options);
      started.push(harbors);
      return harbors;
    });
    for (const harbors of started) await harbors.stop();
  },
});

/** Begins a draft, types one node, presses Test; what was typed must stay. */
async function test1(wizard: Wizard, address: string, cause: string | RegExp, next: string, password?: string): Promise<void> {
  await wizard.fill(0, { address, password });
  await wizard.node(0).getByRole("button", { name: en.test, exact: true }).click();
  const answer = wizard.node(0).getByRole("status");
  await expect(answer).toContainText(cause, { timeout: 40_000 });
  await expect(answer).toContainText(next);
  await expect(wizard.field(0, en.address)).toHaveValue(address);
  await expect(wizard.field(0, en.username)).toHaveValue("admin");
}

async function nodesStep(wizard: Wizard): Promise<void> {
  await wizard.begin();
  await wizard.choose(en.dualMaster);
}

test("test of what is no Harbor names it and the next step", async ({ page, notHarbor, harbors, breakwater, accessible }) => {
  test.setTimeout(120_000);
  const wizard = new Wizard(page);
  await nodesStep(wizard);
  const portal = "Give the address that you open Harbor's portal with.";
  await test1(wizard, notHarbor, "What answers there is not a Harbor", portal);
  await test1(wizard, breakwater.baseURL, "What answers there is not a Harbor: a Breakwater console.", portal);
  await accessible();
  const https = harbors.urls[0].replace("http:", "https:");
  await test1(wizard, https, "https was asked, but plain http is spoken there.", "Start the address with http://.");
  await test1(wizard, "http://127.0.0.1:9", "The connection was refused.", "Check the port, that Harbor runs");
  await test1(wizard, "https://nowhere.invalid", "The name nowhere.invalid has no address.", "Check the spelling");
  await test1(wizard, harbors.urls[0], "The user name or the password is wrong.", "Enter the account and its password again.", "wrong");
});

test("test of a Harbor that misbehaves names how", async ({ page, start }) => {
  test.setTimeout(180_000);
  const harbors = await start({ nodes: 1 });
  const wizard = new Wizard(page);
  await nodesStep(wizard);
  const faults: [string, string | RegExp, string][] = [
    ["html", "A login page answers instead of Harbor", "let the proxy pass /api, /v2 and /service"],
    ["cut-json", /Its answer (broke off|cannot be read)/, "Look at the health of this Harbor"],
    ["endless-body", /Its answer is longer than/, "Look at the health of this Harbor"],
    ["500", "It answered with an error (500", "Look at the health of this Harbor"],
    ["hang", /No answer within \d+ s/, "Check the firewall between"],
  ];
  for (const [fault, cause, next] of faults) {
    await harbors.fault(0, fault);
    await test1(wizard, harbors.urls[0], cause, next);
    await harbors.heal(0);
  }
  await expect(await wizard.test(0)).toContainText(en.reached);
});

const certificates: [HarborsOptions["tls"], string | RegExp][] = [
  ["self-signed", "Its certificate is signed by nobody known here."],
  ["expired", /Its certificate (has expired|is signed by nobody known here)/],
  // It is signed by itself as well, and that is what is seen first.
  ["wrong-host", /Its certificate is (for another host name|signed by nobody known here)/],
];
for (const [tls, cause] of certificates) {
  test(`test of a ${tls} certificate offers to accept only this one`, async ({ page, start }) => {
    const harbors = await start({ nodes: 1, tls });
    const wizard = new Wizard(page);
    await nodesStep(wizard);
    await test1(wizard, harbors.urls[0], cause, "Give its certificate authority, pin this certificate, or renew it.");
    await test1(
      wizard,
      harbors.urls[0].replace("https:", "http:"),
      "http was asked, but https is needed there.",
      "Start the address with https://.",
    );
    if (tls === "self-signed") {
      await wizard.fill(0, { address: harbors.urls[0] });
      await wizard.test(0);
      await wizard.node(0).getByRole("button", { name: "Accept only this certificate" }).click();
      await expect(await wizard.test(0)).toContainText(en.reached);
    }
  });
}

test("checks of a robot without rights and of one node under two names say so", async ({ page, start }) => {
  const harbors = await start({ nodes: 1 });
  const authorization = `Basic ${btoa(`admin:${Harbors.password}`)}`;
  const made = await fetch(`${harbors.urls[0]}/api/v2.0/robots`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({
      name: "weak",
      level: "system",
      duration: -1,
      permissions: [{ kind: "project", namespace: "library", access: [{ resource: "repository", action: "pull" }] }],
    }),
  });
  const { name, secret } = (await made.json()) as { name: string; secret: string };
  const wizard = new Wizard(page);
  await nodesStep(wizard);
  await wizard.clusterName.fill("Twice");
  await wizard.fill(0, { address: harbors.urls[0], name: "one" });
  await wizard.fill(1, { address: harbors.urls[0], name: "two" });
  // The same address twice is seen at once.
  await expect(wizard.button(en.toChecks)).toHaveAccessibleDescription(/two/);
  await wizard.field(1, en.address).fill(harbors.urls[0].replace("127.0.0.1", "localhost"));
  await wizard.field(0, en.accountKind).selectOption({ label: en.robotAccount });
  await wizard.field(0, en.username).fill(name);
  await wizard.field(0, en.robotSecret).fill(secret);
  await wizard.check();
  await expect(wizard.summary).toContainText(/must be mended first/, { timeout: 40_000 });
  await expect(wizard.finding("The account has the rights that are needed")).toContainText(en.failed);
  await expect(wizard.finding("The nodes are different Harbors")).toContainText(/failed|not proven/);
});

test("an address with credentials in it is refused and never shown again", async ({ page, accessible }) => {
  const wizard = new Wizard(page);
  await nodesStep(wizard);
  await wizard.field(0, en.address).fill("https://admin:hunter2@harbor.example.com");
  await wizard.clusterName.fill("Careless");
  await wizard.kept();
  await expect(wizard.node(0)).toContainText("The address has a user name or password in it.");
  await expect(wizard.node(0)).toContainText("Put them into their own fields");
  await accessible();
  await page.reload();
  await wizard.title(en.nodesTitle);
  await expect(wizard.clusterName).toHaveValue("Careless");
  expect(await page.content()).not.toContain("hunter2");
  await expect(wizard.field(0, en.address)).not.toHaveValue(/hunter2/);
});

test("international names are taken as they are written", async ({ page, start }) => {
  const wizard = new Wizard(page);
  await nodesStep(wizard);
  await wizard.clusterName.fill("生产环境");
  await test1(wizard, "https://仓库.invalid", /The name .+ has no address/, "Check the spelling");
  const harbors = await start({ nodes: 1 });
  await wizard.fill(0, { address: harbors.urls[0], name: "上海" });
  await expect(wizard.node(0).getByRole("heading", { name: "上海" })).toBeVisible();
  await expect(await wizard.test(0)).toContainText(en.reached);
});

test("names with markup are inert everywhere", async ({ page, breakwater, session, start, open }) => {
  test.setTimeout(120_000);
  const evil = "</textarea><img src=x onerror=alert(1)>";
  page.on("dialog", () => {
    throw new Error("markup of a name ran");
  });
  const harbors = await start();
  for (const [index, content] of ["one", "two"].entries()) await harbors.push(index, "library/app", "latest", content);
  const adopted = await adopt(breakwater, session, harbors, evil, [evil, "beijing"]);
  for (const path of ["/", "/clusters", "/runs", "/activity", `/runs/${adopted.run}`, `/clusters/${adopted.id}`, `/clusters/${adopted.id}?tab=settings`, `/clusters/${adopted.id}/nodes/${adopted.nodes[0].id}`]) {
    await open(path);
    await expect(page.getByText(evil).first(), path).toBeAttached();
    expect(await page.locator("img[src=x]").count(), path).toBe(0);
  }
  // Also in the wizard, and in what is typed as a reason.
  const other = await start();
  for (const [index, content] of ["one", "two"].entries()) await other.push(index, "library/app", "latest", content);
  const wizard = new Wizard(page);
  const short = "<img src=x onerror=alert(1)>";
  await wizard.name(en.dualMaster, `${short} 2`, other.urls.map((address, i) => ({ address, name: `${short} ${i}` })));
  await wizard.check();
  const row = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: en.accept }) }).first();
  await row.getByRole("button", { name: en.accept }).click();
  await row.getByLabel(en.reason).fill(evil);
  await row.getByRole("button", { name: en.acceptNow, exact: true }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Accepted by anna" }).first()).toContainText(evil);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole("listitem").filter({ hasText: "Accepted by anna" }).first()).toContainText(evil);
  expect(await page.locator("img[src=x]").count()).toBe(0);
});
