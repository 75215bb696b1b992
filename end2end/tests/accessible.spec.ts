import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { adopt, type Adopted } from "../fixtures/clusters.ts";
import { statusPage } from "../fixtures/pages.ts";
import { axe, Console, expect, hydrated, test as base } from "../fixtures/test.ts";
import { named, Wizard } from "../pages/wizard.ts";
import { en, type Language, wordsOf } from "../pages/words.ts";

/** The server's own list, as its test keeps it. */
const list = resolve(import.meta.dirname, "../../app/src/snapshots/app__routes__tests__every_route_is_known_by_name.snap");
const routes = readFileSync(list, "utf8").split("---\n")[2].trim().split("\n");

/** What the examples of pages are made of. */
interface Example extends Adopted {
  pair: string;
  /** The address of an execution. */
  execution: string;
  draft: string;
  /** A draft that changes the cluster. */
  change: string;
  /** A status page: its id and where readers find it. */
  status: { id: string; path: string };
}

/** Addresses of each route; a route without one here fails. */
function examples(route: string, { id, run, nodes, pair, execution, draft, change, status }: Example): string[] {
  const all: Record<string, string[]> = {
    "/": ["/"],
    "/activity": ["/activity", "/activity?kind=token"],
    "/clusters": ["/clusters"],
    "/clusters/new": ["/clusters/new"],
    "/clusters/new/{draft}/{step}": [
      ...["topology", "nodes", "checks", "review", "apply"].map((s) => `/clusters/new/${draft}/${s}`),
      `/clusters/new/${change}/nodes`,
    ],
    "/clusters/{cluster}": ["health", "runs", "settings"].map((tab) => `/clusters/${id}?tab=${tab}`),
    "/clusters/{cluster}/nodes/{node}": [`/clusters/${id}/nodes/${nodes[0].id}`],
    "/drift": ["/drift"],
    "/drift/{pair}": [`/drift/${pair}`],
    "/drift/{pair}/unreplicated": [`/drift/${pair}/unreplicated`],
    "/pages": ["/pages"],
    "/pages/new": ["/pages/new"],
    "/pages/{page}": [`/pages/${status.id}`],
    "/rules": ["/rules"],
    "/rules/{cluster}": [`/rules/${id}`],
    "/rules/{cluster}/endpoints": [`/rules/${id}/endpoints`],
    "/rules/{cluster}/executions/{execution}": [execution],
    "/runs": ["/runs"],
    "/runs/{run}": [`/runs/${run}`],
    "/settings": ["account", "sessions", "people", "tokens"].map((tab) => `/settings?tab=${tab}`),
    "/setup": ["unclaimed:/setup"],
    "/sign-in": ["nobody:/sign-in", "nobody:/sign-in?with=code"],
    "/{*rest}": ["/nothing/here"],
  };
  const known = all[route];
  if (!known) throw new Error(`${route} is new: give an example of its address`);
  return known;
}

const test = base.extend<object, { example: Example; unclaimed: Console }>({
  example: [
    async ({ breakwater, session, harbors, browser }, use) => {
      const adopted = await adopt(breakwater, session, harbors, "Production", ["shanghai", "beijing"]);
      // A draft in which something stands, so that no step is empty.
      const context = await browser.newContext({ baseURL: breakwater.baseURL, storageState: session });
      const wizard = new Wizard(await context.newPage());
      await wizard.name(en.dualMaster, "A draft", named(harbors, "shenzhen", "guangzhou"));
      const draft = wizard.page.url().split("/").at(-2)!;
      await wizard.check();
      await wizard.fine();
      await wizard.review();
      await wizard.page.goto(`/clusters/${adopted.id}?tab=settings`);
      await hydrated(wizard.page);
      await wizard.page.getByRole("button", { name: "Change entry, certificates or rules" }).click();
      await wizard.title(en.changeTitle);
      const change = wizard.page.url().split("/").at(-2)!;
      await harbors.push(0, "shop/cart", "only-here");
      await wizard.page.goto("/drift");
      const link = wizard.page.getByRole("link", { name: "shanghai ⇄ beijing" });
      const pair = (await link.getAttribute("href"))!.split("/").at(-1)!;
      await wizard.page.goto(`/rules/${adopted.id}`);
      await hydrated(wizard.page);
      await wizard.page.getByRole("button", { name: en.runNow }).first().click();
      const first = wizard.page.getByRole("region", { name: en.executionsTable }).getByRole("link").first();
      await expect(first).toBeVisible({ timeout: 30_000 });
      const execution = (await first.getAttribute("href"))!;
      await context.close();
      const status = await statusPage(breakwater, session, adopted, "team", ["Shanghai", "Beijing"]);
      await use({ ...adopted, pair, execution, draft, change, status });
    },
    { scope: "worker" },
  ],
  unclaimed: [
    async ({}, use) => {
      const console = await Console.start();
      await use(console);
      await console.remove();
    },
    { scope: "worker" },
  ],
});

/** The browser itself logs the status of a page that is not there. */
test.use({ expectedErrors: [/status of 404/] });

for (const language of ["en", "zh"] as Language[]) {
  for (const theme of ["day", "night"]) {
    test.describe(`${language}, ${theme}`, () => {
      test.use({ language });

      test(`open every page in ${language} by ${theme} finds no violation and no sideways scroll`, async ({
        page,
        example,
        unclaimed,
        breakwater,
        accessible,
      }) => {
        test.setTimeout(400_000);
        const cookies = await page.context().cookies();
        const look = { name: "theme", value: theme };
        for (const url of [breakwater.baseURL, unclaimed.baseURL]) await page.context().addCookies([{ ...look, url }]);
        await page.context().addCookies([
          { name: "locale", value: wordsOf(language).locale, url: unclaimed.baseURL },
        ]);
        for (const address of routes.flatMap((route) => examples(route, example))) {
          const [, who, path] = /^(?:(\w+):)?(.*)$/.exec(address)!;
          if (who) await page.context().clearCookies({ name: /session/ });
          await page.goto((who === "unclaimed" ? unclaimed.baseURL : breakwater.baseURL) + path);
          // This one begins a draft and leads to it.
          if (path === "/clusters/new") await expect(page.getByRole("radio").first()).toBeVisible();
          await hydrated(page);
          await expect(page.getByRole("heading", { level: 1 }), address).toBeVisible();
          await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
          await accessible();
          await page.setViewportSize({ width: 390, height: 844 });
          expect(await sideways(page), `${address} at 390 px`).toEqual([]);
          await page.setViewportSize({ width: 1440, height: 900 });
          if (process.env.BREAKWATER_TEST_SHOTS) await shoot(page, `${language}-${theme}`, address);
          if (who) await page.context().addCookies(cookies);
        }
      });
    });
  }
}

for (const language of ["en", "zh"] as Language[]) {
  for (const scheme of ["light", "dark"] as const) {
    test(`a status page and its door in ${language} by ${scheme} find no violation and no sideways scroll`, async ({ browser, breakwater, example }) => {
      const locale = language === "zh" ? "zh-CN" : "en-GB";
      const context = await browser.newContext({ baseURL: breakwater.baseURL, locale, colorScheme: scheme });
      const page = await context.newPage();
      for (const path of [example.status.path, "/share/AAAAAAAAAAAAAAAAAAAAAA/", `${example.status.path}widget`]) {
        await page.goto(path);
        await expect(page.locator("html")).toHaveAttribute("lang", wordsOf(language).locale);
        // The widget stands within another site's page, which has the landmarks and the heading.
        const rules = path.endsWith("widget") ? ["region", "landmark-one-main", "page-has-heading-one"] : [];
        const { violations } = await axe(page).disableRules(rules).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), path).toEqual([]);
        await page.setViewportSize({ width: 390, height: 844 });
        expect(await sideways(page), path).toEqual([]);
        if (process.env.BREAKWATER_TEST_SHOTS) await shoot(page, `${language}-${scheme}`, path);
        await page.setViewportSize({ width: 1440, height: 900 });
      }
      await context.close();
    });
  }
}

/** What makes the page wider than its window; nothing where it cannot be scrolled sideways. */
async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > clientWidth);
    return wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
  });
}

/** Pictures of everything, for the eye: `BREAKWATER_TEST_SHOTS=folder`. */
async function shoot(page: Page, look: string, address: string): Promise<void> {
  const name = address.replace(/[0-9a-f-]{36}/g, "id").replace(/[^\w]+/g, "-");
  const at = (width: number) => `${process.env.BREAKWATER_TEST_SHOTS}/${look}${name}-${width}.png`;
  await page.screenshot({ path: at(1440), fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: at(390), fullPage: true });
  await page.setViewportSize({ width: 1440, height: 900 });
}

test("skip to the content by keyboard shows where one is", async ({ page, open }) => {
  await open("/settings");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  // The next thing in the page, and it is seen.
  await page.keyboard.press("Tab");
  const tab = page.getByRole("link", { name: "Account", exact: true });
  await expect(tab).toBeFocused();
  expect(await tab.evaluate((e) => getComputedStyle(e).outlineStyle)).not.toBe("none");
});

test("menus and dialogs open and close by keyboard and give the focus back", async ({ page, open, example }) => {
  await open(`/clusters/new/${example.draft}/nodes`);
  const discard = page.getByRole("button", { name: en.discard, exact: true }).first();
  await discard.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Discard this draft?" });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(discard).toBeFocused();

  const account = page.getByRole("button", { name: en.account });
  await account.focus();
  await page.keyboard.press("Enter");
  const leave = page.getByRole("button", { name: en.signOut });
  await expect(leave).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(leave).toBeHidden();
  await expect(account).toBeFocused();
});

test("the sections open from the menu on a phone @phone-only", async ({ page, open }) => {
  await open("/settings");
  const sections = page.getByRole("navigation", { name: "Sections" });
  await expect(sections).toBeHidden();
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(sections).toBeVisible();
  await sections.getByRole("link", { name: en.clusters }).click();
  await expect(page).toHaveURL(/\/clusters$/);
  await expect(sections).toBeHidden();
});
