import { claim, expect, Harbors, hydrated, test as base } from "../fixtures/test.ts";
import { named, Wizard } from "../pages/wizard.ts";
import { en } from "../pages/words.ts";

/** Harbors of one test: what a run makes on them disturbs no other. */
const test = base.extend<{ own: (nodes?: number) => Promise<Harbors> }>({
  own: async ({}, use) => {
    const started: Harbors[] = [];
    await use(async (nodes = 2) => {
      const harbors = await Harbors.start({ nodes });
      started.push(harbors);
      return harbors;
    });
    for (const harbors of started) await harbors.stop();
  },
});

const names = ["shanghai", "beijing", "shenzhen"];

test("close the browser in the middle keeps everything that was typed", async ({ page, harbors }) => {
  const wizard = new Wizard(page);
  await wizard.name(en.dualMaster, "Left alone", named(harbors, ...names));
  await wizard.entry.fill("http://127.0.0.1:9");
  await wizard.kept();
  await page.close();

  const later = await page.context().newPage();
  await later.goto("/clusters");
  await later.getByRole("link", { name: "Go on with Left alone" }).click();
  const again = new Wizard(later);
  await again.title(en.nodesTitle);
  await expect(again.clusterName).toHaveValue("Left alone");
  await expect(again.entry).toHaveValue("http://127.0.0.1:9");
  for (const index of [0, 1]) {
    await expect(again.field(index, en.address)).toHaveValue(harbors.urls[index]);
    await expect(again.field(index, en.username)).toHaveValue("admin");
    await expect(again.node(index)).toContainText("Kept. Type a new one to replace it.");
  }
  await again.more(0);
  await expect(again.field(0, en.nodeName)).toHaveValue("shanghai");
});

test("what was typed a moment before the page goes is kept", async ({ page }) => {
  const wizard = new Wizard(page);
  await wizard.begin();
  await wizard.choose(en.dualMaster);
  const draft = page.url();
  const ways: [string, () => Promise<unknown>][] = [
    ["To another site", () => page.goto("about:blank")],
    ["To another page", () => page.getByRole("link", { name: en.board, exact: true }).click()],
  ];
  for (const [name, leave] of ways) {
    await wizard.clusterName.fill(name);
    await leave();
    await expect(wizard.clusterName).toHaveCount(0);
    // It may still be on its way.
    await expect(async () => {
      await page.goto(draft);
      await expect(wizard.clusterName).toHaveValue(name, { timeout: 1_000 });
    }).toPass({ timeout: 10_000 });
    await hydrated(page);
  }
});

test("back works from every step and a refused next says why beside it", async ({ page, harbors }) => {
  const wizard = new Wizard(page);
  await wizard.begin();
  const next = wizard.button(en.toNodes);
  await expect(next).toHaveAttribute("aria-disabled", "true");
  await expect(next).toHaveAccessibleDescription("Waiting for: a topology");
  await wizard.choose(en.dualMaster);
  await expect(wizard.button(en.toChecks)).toHaveAccessibleDescription(/Node 1: The address is empty/);
  await wizard.clusterName.fill("Back and forth");
  for (const [index, node] of named(harbors, ...names).entries()) await wizard.fill(index, node);
  await wizard.check();
  await wizard.fine();
  await wizard.review();
  for (const title of [en.checksTitle, en.nodesTitle, en.topologyTitle]) {
    await page.getByRole("link", { name: en.back, exact: true }).click();
    await wizard.title(title);
  }
  await expect(page.getByRole("radio", { name: en.dualMaster })).toBeChecked();
  await wizard.button(en.toNodes).click();
  await expect(wizard.clusterName).toHaveValue("Back and forth");
  // And the browser's own way.
  await page.goBack();
  await wizard.title(en.topologyTitle);
});

test.describe("two windows", () => {
  test.use({ expectedErrors: [/409/] });

  test("edit one draft in two windows asks which one stays", async ({ page, accessible }) => {
    const here = new Wizard(page);
    await here.begin();
    await here.choose(en.dualMaster);
    await here.clusterName.fill("First");
    await here.kept();
    const window = await page.context().newPage();
    await window.goto(page.url());
    await hydrated(window);
    const there = new Wizard(window);
    await there.clusterName.fill("Typed there");
    await there.kept();

    await here.clusterName.fill("Typed here");
    await expect(page.getByText(en.conflict)).toBeVisible();
    await accessible();
    await here.button(en.keepMine).click();
    await expect(page.getByText(en.conflict)).toHaveCount(0);
    await expect(here.clusterName).toHaveValue("Typed here");

    await there.clusterName.fill("Typed there again");
    await expect(window.getByText(en.conflict)).toBeVisible();
    await there.button(en.takeTheirs).click();
    await expect(there.clusterName).toHaveValue("Typed here");
    await window.close();
  });
});

test("the nodes are named by keyboard alone", async ({ page, harbors }) => {
  const wizard = new Wizard(page);
  await wizard.begin();
  const { keyboard } = page;
  /** Tabs until something is reached; it has to be within a few presses. */
  const tabTo = async (label: string, reached: () => Promise<boolean>) => {
    for (let press = 0; press < 30; press++) {
      if (await reached()) return;
      await keyboard.press("Tab");
    }
    throw new Error(`${label} was not reached`);
  };
  const focused = (target: ReturnType<Wizard["button"]>) => () => target.evaluate((e) => e === document.activeElement);

  const radio = page.getByRole("radio", { name: en.sharedStorage });
  await tabTo("topologies", focused(radio));
  await keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: en.dualMaster })).toBeChecked();
  await tabTo("next", focused(wizard.button(en.toNodes)));
  await keyboard.press("Enter");
  await wizard.title(en.nodesTitle);
  await tabTo("name", focused(wizard.clusterName));
  await keyboard.type("By hand");
  for (const index of [0, 1]) {
    await tabTo("address", focused(wizard.field(index, en.address)));
    await keyboard.type(harbors.urls[index]);
    await tabTo("user", focused(wizard.field(index, en.username)));
    await keyboard.type("admin");
    await tabTo("password", focused(wizard.field(index, en.nodePassword)));
    await keyboard.type(Harbors.password);
  }
  await tabTo("next", focused(wizard.button(en.toChecks)));
  await keyboard.press("Enter");
  await wizard.title(en.checksTitle);
});

test("one to many and tiered copy down with override on", async ({ page, own }) => {
  test.setTimeout(120_000);
  const harbors = await own(3);
  await harbors.push(0, "library/hello", "v1");
  const wizard = new Wizard(page);
  await wizard.name(en.oneToMany, "Releases", named(harbors, ...names));
  await expect(wizard.node(0)).toContainText("takes the pushes");
  await wizard.check();
  await wizard.fine();
  await wizard.review();
  for (const name of ["shanghai → beijing", "shanghai → shenzhen"]) {
    await expect(page.getByRole("heading", { name })).toBeVisible();
  }
  await expect(page.getByRole("row", { name: "Override On" })).toHaveCount(2);

  // Another topology with the same nodes: nothing has to be typed again.
  await page.getByRole("link", { name: /^Topology/ }).click();
  await wizard.choose(en.tiered);
  await expect(wizard.node(0)).toContainText("headquarters");
  await wizard.field(2, "Fed by").selectOption("beijing");
  await wizard.check();
  await wizard.fine();
  await wizard.review();
  for (const name of ["shanghai → beijing", "beijing → shenzhen"]) {
    await expect(page.getByRole("heading", { name })).toBeVisible();
  }
});

test("a warning is accepted with a written reason that stays", async ({ page, own, accessible }) => {
  const harbors = await own();
  await harbors.push(0, "library/app", "latest", "one");
  await harbors.push(1, "library/app", "latest", "another");
  const wizard = new Wizard(page);
  await wizard.name(en.dualMaster, "Differing", named(harbors, ...names));
  await wizard.check();
  const finding = wizard.finding("Every tag of shanghai means the same on beijing");
  await expect(finding).toContainText(en.warning, { timeout: 30_000 });
  await expect(finding).toContainText("library/app:latest");
  await expect(wizard.button(en.toReview)).toHaveAttribute("aria-disabled", "true");
  for (const title of [/^warning Every tag of shanghai/, /^warning Every tag of beijing/]) {
    const row = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: en.accept }) }).first();
    await row.getByRole("button", { name: en.accept }).click();
    await row.getByLabel(en.reason).fill(`Both are old, ${title.source}`);
    await accessible();
    await row.getByRole("button", { name: en.acceptNow, exact: true }).click();
    await expect(page.getByText(`Both are old, ${title.source}`)).toBeVisible();
    if (!(await page.getByRole("button", { name: en.accept }).count())) break;
  }
  await expect(finding).toContainText("Accepted by anna");
  await wizard.review();
  await expect(page.getByText("Both are old").first()).toBeVisible();
});

test.describe("a console that is killed", () => {
  test.use({ expectedErrors: [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|Failed to fetch/] });

  test("kill the console during apply and it goes on after a restart", async ({ page, own, ownConsole }) => {
    test.setTimeout(150_000);
    const harbors = await own();
    const { cookies } = await claim(ownConsole);
    await page.context().addCookies(cookies);
    const wizard = new Wizard(page, en, ownConsole.baseURL);
    await wizard.prepare(en.dualMaster, "Survivor", named(harbors, ...names));
    // Slow enough to be in the middle of it.
    for (const index of [0, 1]) await harbors.fault(index, "slow:300");
    await wizard.apply();
    await wizard.title(en.running);
    await expect(page.getByRole("listitem").filter({ hasText: /^done\s*Robot/ }).first()).toBeVisible();
    await ownConsole.restart("SIGKILL");
    for (const index of [0, 1]) await harbors.heal(index);
    await wizard.proven();
    await expect(wizard.proof).toHaveCount(2);
  });
});

test("stop a run and take back what it made", async ({ page, own }) => {
  test.setTimeout(120_000);
  const harbors = await own();
  const wizard = new Wizard(page);
  await wizard.prepare(en.dualMaster, "Regretted", named(harbors, ...names));
  for (const index of [0, 1]) await harbors.fault(index, "slow:300");
  await wizard.apply();
  await expect(page.getByRole("listitem").filter({ hasText: /^done\s*Robot/ }).first()).toBeVisible();
  await wizard.button(en.stop).click();
  await wizard.title(en.cancelled);
  for (const index of [0, 1]) await harbors.heal(index);
  expect(await harbors.robots(0)).not.toEqual([]);
  await wizard.button(en.undo).click();
  const dialog = page.getByRole("dialog", { name: "Take back what this run made?" });
  await dialog.getByRole("button", { name: en.undo }).click();
  await wizard.title(en.undone);
  expect(await harbors.robots(0)).toEqual([]);
});

test("a run that fails says what is done and goes on when the cause is mended", async ({ page, own }) => {
  test.setTimeout(120_000);
  const harbors = await own();
  const wizard = new Wizard(page);
  await wizard.prepare(en.dualMaster, "Stumbled", named(harbors, ...names));
  // Slow at first, so that it goes away in the middle.
  for (const index of [0, 1]) await harbors.fault(index, "slow:300");
  await wizard.apply();
  await expect(page.getByRole("listitem").filter({ hasText: /^done\s*Robot/ }).first()).toBeVisible();
  await harbors.fault(1, "refuse");
  await wizard.title(en.stopped);
  await expect(page.getByText("What is done stays as it is")).toBeVisible();
  // Going away cuts an answer that is under way, and refuses what comes after.
  await expect(page.getByText(/beijing: .*(broke off|refused|refuses)/i).first()).toBeVisible();
  for (const index of [0, 1]) await harbors.heal(index);
  await wizard.button(en.goOn).click();
  await wizard.proven();
});
