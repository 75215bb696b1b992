// The pictures under docs/screens: one walk through the product, each place taken in the looks that show most.
import { resolve } from "node:path";
import { adopt } from "../fixtures/clusters.ts";
import { statusPage } from "../fixtures/pages.ts";
import { expect, Harbors, hydrated, test } from "../fixtures/test.ts";
import { named, Wizard } from "../pages/wizard.ts";
import { en } from "../pages/words.ts";

const folder = resolve(import.meta.dirname, "../../docs/screens");

/** A language, a theme and a width. */
type Look = `${"en" | "zh"}-${"day" | "night"}-${number}`;
const DESK: Look = "en-day-1440";
const NIGHT: Look = "zh-night-1440";
const PHONE: Look = "en-day-390";

test("take the pictures", async ({ page, browser, breakwater, session, harbors }) => {
  test.setTimeout(600_000);

  /** Opens the page's address anew in each look. */
  async function take(name: string, looks: Look[], path?: string): Promise<void> {
    for (const look of looks) {
      const [language, theme, width] = look.split("-");
      const context = await browser.newContext({
        storageState: session,
        baseURL: breakwater.baseURL,
        viewport: { width: Number(width), height: Number(width) < 600 ? 844 : 900 },
        // What is made without the console's cookies follows the browser.
        colorScheme: theme === "night" ? "dark" : "light",
        locale: language === "zh" ? "zh-CN" : "en-GB",
      });
      const cookies = { locale: language === "zh" ? "zh-CN" : "en", theme };
      await context.addCookies(
        Object.entries(cookies).map(([name, value]) => ({ name, value, url: breakwater.baseURL })),
      );
      const picture = await context.newPage();
      await picture.goto(path ?? page.url());
      // A status page has no WebAssembly.
      if (!path?.startsWith("/status/")) await hydrated(picture);
      await expect(picture.getByRole("heading", { level: 1 })).toBeVisible();
      await picture.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: true, animations: "disabled" });
      await context.close();
    }
  }

  const wizard = new Wizard(page);
  for (const tag of ["1.8.0", "1.9.0", "latest"]) await harbors.push(0, "shop/cart", tag, tag);
  for (const tag of ["2", "2.4"]) await harbors.push(1, "tools/lint", tag, tag);
  // On both, so that what is done with them later is known as moved and deleted.
  await harbors.push(1, "shop/cart", "latest", "latest");
  await harbors.push(0, "tools/lint", "2", "2");

  await wizard.begin();
  await take("topology", [DESK, NIGHT, PHONE]);
  await wizard.choose(en.dualMaster);
  await wizard.clusterName.fill("Production");
  for (const [index, node] of named(harbors, "shanghai", "beijing").entries()) {
    await wizard.fill(index, node);
    await wizard.test(index);
  }
  await expect(page.getByRole("banner")).toContainText(en.kept);
  await take("nodes", [DESK, PHONE]);
  await wizard.check();
  await wizard.fine();
  await take("checks", [DESK, NIGHT, PHONE]);
  await wizard.review();
  await take("review", [DESK, NIGHT]);
  await wizard.toApply();
  await wizard.apply();
  await wizard.proven();
  await take("proof", [DESK, NIGHT, PHONE]);
  await page.getByRole("link", { name: en.receipt }).click();
  await expect(page.getByRole("link", { name: en.download })).toBeVisible();
  await take("run", [DESK]);

  const pools = [await Harbors.start({ nodes: 3, shared: true }), await Harbors.start({ nodes: 4, version: "2.14.4" })];
  try {
    await adopt(breakwater, session, pools[0], "Build", ["build-1", "build-2", "build-3"], "shared-storage");
    await adopt(breakwater, session, pools[1], "Branches", ["hq", "guangzhou", "shenzhen", "zhuhai"], "tiered");
    await page.goto("/");
    const away = page.getByRole("article", { name: "Production" });
    await expect(away).toContainText(en.wellSentence, { timeout: 30_000 });
    await harbors.fault(1, "refuse");
    await pools[1].fault(1, "sick:jobservice");
    await expect(away).toContainText(/beijing is away/, { timeout: 30_000 });
    await expect(page.getByRole("article", { name: "Branches" })).toContainText("A part of guangzhou is sick", { timeout: 30_000 });
    await take("board", [DESK, NIGHT, PHONE]);
    const { clusters } = await (await page.request.get("/api/v1/health")).json();
    const { id: cluster, nodes } = clusters.find((known: { name: string }) => known.name === "Production");
    await away.getByRole("link", { name: "Production" }).first().click();
    await expect(page.getByRole("region", { name: en.nodesNow })).toBeVisible();
    await take("cluster", [DESK, NIGHT, PHONE]);
    await take("settings", [DESK], `${page.url().split("?")[0]}?tab=settings`);
    await page.getByRole("region", { name: en.nodesNow }).getByRole("link", { name: "beijing" }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "beijing" })).toBeVisible();
    await take("node", [DESK, PHONE]);

    await harbors.heal(1);
    await harbors.push(0, "shop/cart", "1.10.0", "new");
    await harbors.push(0, "shop/cart", "latest", "moved");
    await harbors.untag(1, "tools/lint", "2");
    await harbors.push(0, "shop/web", "stage", "ours");
    await harbors.push(1, "shop/web", "stage", "theirs");
    await page.goto("/drift");
    await hydrated(page);
    await page.getByRole("link", { name: "shanghai ⇄ beijing" }).click();
    await page.getByRole("button", { name: en.compare }).click();
    await expect(page.getByRole("table")).toContainText("stage", { timeout: 60_000 });
    await take("drift", [DESK, NIGHT, PHONE]);

    await page.goto("/rules");
    await hydrated(page);
    await page.getByRole("link", { name: "Production", exact: true }).click();
    await hydrated(page);
    await page.getByRole("button", { name: en.runNow }).first().click();
    const executions = page.getByRole("region", { name: en.executionsTable });
    await expect(executions.getByRole("row").filter({ hasText: en.byHand }).first()).toContainText(en.executionSucceeded, { timeout: 60_000 });
    await harbors.changeRule(1, { override: true });
    await take("rules", [DESK, NIGHT, PHONE]);
    await executions.getByRole("link").first().click();
    await expect(page).toHaveURL(/executions/);
    await take("execution", [DESK, PHONE]);

    const production = { id: cluster, run: "", nodes };
    const status = await statusPage(breakwater, session, production, "team", ["Shanghai", "Beijing"]);
    await take("status", ["en-day-900", "zh-night-390"], status.path);
    await take("status-page", [DESK, PHONE], `/pages/${status.id}`);
  } finally {
    for (const pool of pools) await pool.stop();
  }
});
