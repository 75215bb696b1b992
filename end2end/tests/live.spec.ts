import { adopt, type Adopted } from "../fixtures/clusters.ts";
import { Console, claim, expect, Harbors, hydrated, test as base } from "../fixtures/test.ts";
import { en } from "../pages/words.ts";

const well = "Both masters serve; each copies to the other.";

interface Watched extends Adopted {
  console: Console;
  harbors: Harbors;
}

/** A console that is stopped and cut off here, with one cluster; all tests of this file share it. */
const test = base.extend<{ at: (path: string) => Promise<void> }, { watched: Watched; cookies: Awaited<ReturnType<typeof claim>>["cookies"] }>({
  watched: [
    async ({}, use) => {
      const console = await Console.start();
      const harbors = await Harbors.start();
      const session = await claim(console);
      const adopted = await adopt(console, session, harbors, "Production", ["shanghai", "beijing"]);
      await use({ ...adopted, console, harbors, session } as Watched & { session: typeof session });
      await harbors.stop();
      await console.remove();
    },
    { scope: "worker" },
  ],
  cookies: [async ({ watched }, use) => use((watched as Watched & { session: { cookies: never } }).session.cookies), { scope: "worker" }],
  at: async ({ page, watched, cookies }, use) => {
    await page.context().addCookies(cookies);
    await use(async (path) => {
      await page.goto(watched.console.baseURL + path);
      await hydrated(page);
    });
  },
});

test.describe.configure({ mode: "serial" });

test("ages count up and the page says that it is live", async ({ page, at, watched }) => {
  await at(`/clusters/${watched.id}`);
  const sections = page.getByRole("navigation", { name: "Sections" });
  await expect(sections.getByRole("status")).toHaveText(en.live);
  await expect(page.getByRole("main")).toContainText(well, { timeout: 20_000 });
  const happened = page.getByRole("region", { name: "What happened" });
  await expect(happened).toContainText("Production was adopted");
  const age = page.getByRole("table").getByRole("time").first();
  await expect(age).toHaveText(/ago|now/);
  await expect(age).toHaveAttribute("title", /\d{4}/);
});

test("the node page shows components, a latency line and events", async ({ page, at, watched, accessible }) => {
  const [shanghai] = watched.nodes;
  await at(`/clusters/${watched.id}/nodes/${shanghai.id}`);
  await expect(page.getByRole("heading", { name: /shanghai/, level: 1 })).toBeVisible();
  for (const part of ["core", "database", "redis", "registry"]) {
    await expect(page.getByRole("row", { name: new RegExp(`^${part} `) })).toContainText("healthy");
  }
  await expect(page.getByRole("row", { name: /^Version/ })).toContainText("2.15.2", { timeout: 20_000 });
  await watched.harbors.fault(0, "sick:jobservice");
  await expect(page.getByRole("row", { name: /^jobservice/ })).toContainText("failed to check", { timeout: 30_000 });
  await expect(page.getByRole("main")).toContainText("degraded since");
  await accessible();
  await watched.harbors.heal(0);
  await expect(page.getByRole("main")).toContainText("up since", { timeout: 30_000 });
  await expect(page.getByRole("region", { name: "What happened" })).toContainText("shanghai works, but its jobservice is sick");
  await page.reload();
  await expect(page.getByRole("img", { name: /^Answer time of shanghai|median/ })).toBeVisible();
});

test("history bars are walked by keyboard and switch their time span", async ({ page, at }) => {
  await at("/");
  const bars = page.getByRole("slider", { name: "History of Production" });
  await bars.focus();
  await page.keyboard.press("End");
  await expect(bars).toHaveAttribute("aria-valuetext", /up \d+/);
  await page.keyboard.press("Home");
  await expect(bars).toHaveAttribute("aria-valuetext", /nobody was looking 100 %/);
  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.getByRole("article", { name: "Production" })).toContainText("7 days ago");
});

test("activity is filtered by kind and by words", async ({ page, at }) => {
  await at("/activity");
  const list = page.getByRole("main");
  await expect(list).toContainText("claimed the console");
  await page.getByLabel("Kind").selectOption("Clusters");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/kind=cluster/);
  await expect(list).toContainText("The cluster Production was adopted");
  await expect(list).not.toContainText("claimed the console");
  await page.getByLabel("Words").fill("nothing has this");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(list).toContainText("Nothing fits");
  await page.getByRole("link", { name: "Show everything" }).first().click();
  await expect(list).toContainText("claimed the console");
});

test("when every node goes at once the console asks whether it is cut off", async ({ page, at, watched }) => {
  await at("/");
  const card = page.getByRole("article", { name: "Production" });
  await expect(card).toContainText(well, { timeout: 20_000 });
  for (const index of [0, 1]) await watched.harbors.fault(index, "refuse");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Breakwater cannot reach any node: is it cut off itself?", { timeout: 30_000 });
  for (const index of [0, 1]) await watched.harbors.heal(index);
  await expect(card).toContainText(well, { timeout: 30_000 });
});

test.describe("a console that goes away", () => {
  test.use({ expectedErrors: [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|Failed to fetch/] });

  test("a restart of the console is said and the page is live again by itself", async ({ page, at, watched }) => {
    await at("/");
    const live = page.getByRole("navigation", { name: "Sections" }).getByRole("status");
    await expect(live).toHaveText(en.live);
    await watched.console.stop();
    await expect(live).toHaveText(en.notLive);
    await watched.console.begin();
    await expect(live).toHaveText(en.live, { timeout: 30_000 });
    // And news arrive again.
    await watched.harbors.fault(1, "refuse");
    await expect(page.getByRole("article", { name: "Production" })).toContainText("beijing is away", { timeout: 30_000 });
    await watched.harbors.heal(1);
    await expect(page.getByRole("article", { name: "Production" })).toContainText(well, { timeout: 30_000 });
  });
});
