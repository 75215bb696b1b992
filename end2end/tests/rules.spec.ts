// The rules of two masters: linted and mended, edited as one, tried dry, run, watched, and a log read.
import { adopt } from "../fixtures/clusters.ts";
import { expect, Harbors, hydrated, test } from "../fixtures/test.ts";
import { type Language, wordsOf } from "../pages/words.ts";

for (const language of ["en", "zh"] satisfies Language[]) {
  test.describe(language, () => {
    const words = wordsOf(language);
    test.use({ language });

    test("a pair's rules are mended, edited as one, tried dry and run; its log is read", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(180_000);
      const harbors = await Harbors.start();
      try {
        const cluster = language === "en" ? "Pair" : "双主";
        await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"]);
        await harbors.push(0, "shop/cart", "v1", "one");
        await harbors.changeRule(1, { override: true });

        await page.goto("/rules");
        await hydrated(page);
        await page.getByRole("link", { name: cluster, exact: true }).click();
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.rulesOf);
        await hydrated(page);
        const things = page.getByRole("region", { name: words.toLookAt, exact: true });
        await expect(things).toContainText(words.overwrites);
        await accessible();
        await things.getByRole("button", { name: words.mend }).first().click();
        await expect(page.getByRole("region", { name: words.nothingToLookAt })).toBeVisible({ timeout: 30_000 });

        // The watchdog may mend what one safe press mends, and it is kept.
        const mending = page.getByRole("switch", { name: words.mendByItself });
        await mending.check();
        await expect(page.getByText(words.mendsOn).first()).toBeVisible();
        await page.reload();
        await hydrated(page);
        await expect(mending).toBeChecked();

        // What Harbor refuses is said while one types, with the nearest form that it takes.
        const cron = page.getByRole("textbox", { name: words.cron });
        await cron.fill("*/10 * * * * *");
        await expect(page.getByText(words.secondsRefused)).toBeVisible();
        await page.getByRole("button", { name: words.useNearest }).first().click();
        await expect(page.getByText(words.secondsRefused)).toBeHidden();
        await cron.fill("0 0 * * * *");
        await expect(page.getByRole("region", { name: words.nextRuns })).toContainText(/\d\d:30/);
        await page.getByRole("switch", { name: words.atOnce }).check();
        await accessible();

        await page.getByRole("button", { name: words.dryRun }).click();
        await expect(page.getByRole("region", { name: words.wouldDo })).toContainText("shanghai → beijing");
        await page.getByRole("button", { name: words.saveRules }).click();
        await expect(page).toHaveURL(/\/runs\//);
        await expect(page.getByRole("main")).toContainText(words.runDone, { timeout: 60_000 });

        await page.goto("/rules");
        await hydrated(page);
        await page.getByRole("link", { name: cluster, exact: true }).click();
        const standing = page.getByRole("region", { name: words.standing }).getByRole("row");
        await expect(standing).toHaveCount(5);
        await hydrated(page);
        await standing.filter({ hasText: "shanghai → beijing" }).getByRole("button", { name: words.runNow }).click();
        const executions = page.getByRole("region", { name: words.executionsTable });
        const first = executions.getByRole("row").filter({ hasText: words.byHand });
        await expect(first.first()).toContainText(words.executionSucceeded, { timeout: 60_000 });
        await accessible();
        await first.first().getByRole("link").click();
        await expect(page).toHaveURL(/\/executions\//);
        await hydrated(page);
        await page.getByRole("button", { name: words.logOf }).first().click();
        const log = page.getByRole("region", { name: words.logRegion });
        await expect(log).toContainText("shop/cart");
        await page.getByRole("searchbox", { name: words.findInLog }).fill("no such words");
        await expect(page.getByText(words.noLines)).toBeVisible();
        await accessible();
        const download = page.waitForEvent("download");
        await page.getByRole("link", { name: words.downloadLog }).click();
        expect((await download).suggestedFilename()).toMatch(/^execution-\d+-task-\d+\.log$/);
      } finally {
        await harbors.stop();
      }
    });

    test("a filter and a namespace are judged over the repositories there are, and stand on the Harbor", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(120_000);
      const harbors = await Harbors.start();
      try {
        const cluster = language === "en" ? "Mirror" : "镜像";
        await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"], "one-to-many");
        for (const repository of ["shop/cart", "shop/deep/api", "lib/cart"]) await harbors.push(0, repository, "v1", repository);

        const open = async () => {
          await page.goto("/rules");
          await hydrated(page);
          await page.getByRole("link", { name: cluster, exact: true }).click();
          await expect(page.getByRole("region", { name: words.standing })).toBeVisible();
          await hydrated(page);
        };
        await open();
        await page.getByRole("combobox", { name: words.whichImages }).selectOption("some");
        const name = page.getByRole("textbox", { name: words.filterName, exact: true });
        const save = page.getByRole("button", { name: words.saveAllRules });
        const preview = page.getByRole("region", { name: words.preview });

        // What can match nothing is refused while one types; what matches nothing here is told.
        await name.fill("shop");
        await expect(page.getByText(words.onePart)).toBeVisible();
        await expect(save).toHaveAttribute("aria-disabled", "true");
        await name.fill("shopp/**");
        await expect(page.getByText(words.onePart)).toBeHidden();
        await expect(preview).toContainText(words.matchesNothing);

        // Two that would land on one name are refused, both named.
        await name.fill("**/cart");
        await page.getByRole("textbox", { name: words.namespace }).fill("mirror");
        await page.getByRole("combobox", { name: words.flattening }).selectOption("-1");
        await expect(preview).toContainText(words.bothLand);
        await expect(save).toHaveAttribute("aria-disabled", "true");
        await accessible();

        await name.fill("shop/**");
        await page.getByRole("combobox", { name: words.flattening }).selectOption("1");
        await expect(preview).toContainText("shop/cart → mirror/cart");
        await expect(preview).toContainText("shop/deep/api → mirror/deep/api");
        await expect(preview).not.toContainText(words.bothLand);
        await save.click();
        await expect(page).toHaveURL(/\/runs\//);
        await expect(page.getByRole("main")).toContainText(words.runDone, { timeout: 60_000 });
        expect(await harbors.firstRule(0)).toMatchObject({
          filters: [{ type: "name", value: "shop/**" }],
          dest_namespace: "mirror",
          dest_namespace_replace_count: 1,
        });

        await open();
        await expect(name).toHaveValue("shop/**");
        await expect(page.getByRole("textbox", { name: words.namespace })).toHaveValue("mirror");
        await expect(page.getByRole("region", { name: words.nothingToLookAt })).toBeVisible();
        await accessible();
      } finally {
        await harbors.stop();
      }
    });

    test("labels of the source are chosen, and stand on the Harbor as its own filter", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(120_000);
      const harbors = await Harbors.start();
      try {
        const cluster = language === "en" ? "Labelled" : "标记";
        for (const label of ["draft", "release"]) await harbors.label(0, label);
        await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"], "one-to-many");
        const open = async () => {
          await page.goto("/rules");
          await hydrated(page);
          await page.getByRole("link", { name: cluster, exact: true }).click();
          await expect(page.getByRole("region", { name: words.standing })).toBeVisible();
          await hydrated(page);
        };
        await open();
        await page.getByRole("combobox", { name: words.whichImages }).selectOption("some");
        const labels = page.getByRole("group", { name: words.labels });
        const way = page.getByRole("combobox", { name: words.labelWay });
        await expect(labels.getByRole("checkbox")).toHaveCount(2);
        await labels.getByRole("checkbox", { name: "draft" }).check();
        await way.selectOption({ label: words.labelExcluding });
        await accessible();
        await page.getByRole("button", { name: words.saveAllRules }).click();
        await expect(page).toHaveURL(/\/runs\//);
        await expect(page.getByRole("main")).toContainText(words.runDone, { timeout: 60_000 });
        expect(await harbors.firstRule(0)).toMatchObject({
          filters: [{ type: "label", value: ["draft"], decoration: "excludes" }],
        });

        await open();
        await expect(labels.getByRole("checkbox", { name: "draft" })).toBeChecked();
        await expect(labels.getByRole("checkbox", { name: "release" })).not.toBeChecked();
        await expect(page.getByRole("region", { name: words.nothingToLookAt })).toBeVisible();
      } finally {
        await harbors.stop();
      }
    });
  });
}
