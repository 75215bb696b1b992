// The endpoints of two masters: what uses them, tried from their node, renamed; and the map of the links between them.
import { adopt } from "../fixtures/clusters.ts";
import { expect, Harbors, hydrated, test } from "../fixtures/test.ts";
import { type Language, wordsOf } from "../pages/words.ts";

for (const language of ["en", "zh"] satisfies Language[]) {
  test.describe(language, () => {
    const words = wordsOf(language);
    test.use({ language });

    test("an endpoint is told with what uses it, tried from its node, and renamed", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(150_000);
      const harbors = await Harbors.start();
      try {
        const cluster = language === "en" ? "Endpoints of ours" : "我们的端点";
        const { id } = await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"]);
        await page.goto(`/rules/${id}`);
        await hydrated(page);
        await page.getByRole("main").getByRole("link", { name: words.endpoints, exact: true }).click();
        await expect(page).toHaveURL(/\/endpoints$/);
        await expect(page.getByRole("heading", { level: 1 })).toContainText(cluster);
        const shanghai = page.getByRole("region", { name: "shanghai", exact: true });
        await expect(shanghai.getByText(words.pointsAtBeijing)).toBeVisible();
        await expect(shanghai).toContainText(words.usedBy);
        await accessible();

        // It is the node that tries, now; what Harbor itself says may be minutes old.
        const tryIt = shanghai.getByRole("button", { name: words.testEndpoint });
        await tryIt.click();
        await expect(shanghai.getByText(words.letIn)).toBeVisible({ timeout: 30_000 });
        await harbors.fault(1, "refuse");
        await tryIt.click();
        await expect(shanghai.getByText(words.noConnection)).toBeVisible({ timeout: 30_000 });
        await accessible();
        const again = page.getByRole("button", { name: words.readAgain });
        const away = page.getByRole("region", { name: "beijing", exact: true }).getByRole("alert");
        await again.click();
        await expect(away).toBeVisible({ timeout: 30_000 });
        await harbors.heal(1, "refuse");
        await again.click();
        await expect(away).toBeHidden({ timeout: 30_000 });

        await shanghai.getByRole("button", { name: words.renameEndpoint }).click();
        const dialog = page.getByRole("dialog", { name: words.renameTitle });
        const name = dialog.getByRole("textbox", { name: words.newName });
        await expect(name).toHaveValue(/^breakwater-.*-to-beijing$/);
        await accessible();
        const rename = dialog.getByRole("button", { name: words.rename, exact: true });
        await name.fill(" ");
        await rename.click();
        await expect(dialog).toContainText(words.nameEmpty);
        await name.fill("to the north");
        await rename.click();
        await expect(dialog).toBeHidden();
        await expect(shanghai.getByText("to the north", { exact: true })).toBeVisible({ timeout: 30_000 });
        await expect(shanghai).toContainText(words.usedBy);

        // The rules go on over it, and the linter still knows whose it is.
        await page.getByRole("link", { name: cluster, exact: true }).click();
        await expect(page.getByRole("region", { name: words.nothingToLookAt })).toBeVisible({ timeout: 30_000 });
      } finally {
        await harbors.stop();
      }
    });

    test("the map tells how far each link is and what ran over it, and leads to the pair", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(150_000);
      const harbors = await Harbors.start();
      try {
        const cluster = language === "en" ? "Links of ours" : "我们的链路";
        const { id } = await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"]);
        await harbors.push(0, "shop/cart", "v1", "one");
        await page.goto(`/rules/${id}`);
        await hydrated(page);
        const standing = page.getByRole("region", { name: words.standing }).getByRole("row");
        await standing.filter({ hasText: "shanghai → beijing" }).getByRole("button", { name: words.runNow }).click();
        const ran = page.getByRole("region", { name: words.executionsTable }).getByRole("row").filter({ hasText: words.byHand });
        await expect(ran.first()).toContainText(words.executionSucceeded, { timeout: 60_000 });

        await page.goto(`/clusters/${id}`);
        await hydrated(page);
        const links = page.getByRole("region", { name: words.links, exact: true });
        const there = links.getByRole("listitem").filter({ hasText: "shanghai → beijing" });
        const back = links.getByRole("listitem").filter({ hasText: "beijing → shanghai" });
        await expect(there).toContainText(words.executionSucceeded);
        await expect(back).toContainText(words.holdsAll, { timeout: 60_000 });
        await expect(there).toContainText(words.equal, { timeout: 60_000 });
        await accessible();

        // By the list, and by the drawing with the keyboard alone.
        await there.getByRole("link", { name: "shanghai → beijing" }).click();
        await expect(page).toHaveURL(/\/drift\//);
        await page.goBack();
        const drawn = page.getByRole("group").getByRole("link", { name: /^beijing → shanghai/ });
        await drawn.focus();
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(/\/drift\//);
      } finally {
        await harbors.stop();
      }
    });
  });
}
