import { readFile } from "node:fs/promises";
import { expect, hydrated, test } from "../fixtures/test.ts";
import { type Language, wordsOf } from "../pages/words.ts";
import { Wizard } from "../pages/wizard.ts";

/** What is said about a pair of masters, and about one of which a part is away. */
const sentences = {
  en: {
    gone: /shanghai is away.*beijing/,
    refused: "the connection is refused",
    understood: "Read as https://harbor.example.com",
    noOverride: "Override Off",
  },
  zh: {
    gone: /shanghai.*不可用.*beijing/,
    refused: "连接被拒绝",
    understood: "识别为 https://harbor.example.com",
    noOverride: "覆盖 关闭",
  },
};

for (const language of ["en", "zh"] as Language[]) {
  const words = wordsOf(language);
  const said = sentences[language];

  test.describe(`two masters, in ${language}`, () => {
    test.use({ language });

    test("adopt two Harbors and watch one go and come back", async ({ page, harbors, accessible }) => {
      test.setTimeout(180_000);
      await harbors.push(0, "library/hello", "v1", "only in shanghai");
      await harbors.push(1, "library/other", "v2", "only in beijing");
      const wizard = new Wizard(page, words);
      const cluster = `Production ${language}`;

      await test.step("topology", async () => {
        await wizard.begin();
        await expect(wizard.button(words.toNodes)).toHaveAttribute("aria-disabled", "true");
        await wizard.choose(words.dualMaster);
        await wizard.clusterName.fill(cluster);
      });

      await test.step("nodes: what is pasted is understood, and Test tells at once", async () => {
        const host = new URL(harbors.urls[0]).host;
        await wizard.fill(0, { address: "harbor.example.com/", name: "shanghai" });
        await expect(wizard.node(0)).toContainText(said.understood);
        // A link from Harbor's own pages, and an address with a slash.
        await wizard.field(0, words.address).fill(`http://${host}/harbor/projects/1/repositories`);
        await expect(wizard.node(0)).toContainText(`http://${host}`);
        await wizard.fill(1, { address: `${harbors.urls[1]}/`, name: "beijing" });
        for (const index of [0, 1]) {
          const answer = await wizard.test(index);
          await expect(answer).toContainText(words.reached);
          await expect(answer).toContainText("2.15.2");
          await expect(answer).toContainText("admin");
        }
        await accessible();
      });

      await test.step("checks stream in", async () => {
        await wizard.check();
        await wizard.fine();
        await expect(page.getByRole("listitem").filter({ hasText: "2.15.2 · 2.15.2" })).toContainText(words.ok);
        await accessible();
      });

      await test.step("the review lists every value with its reason, and every call", async () => {
        await wizard.review();
        await expect(page.getByText(words.everyTenMinutes).first()).toBeVisible();
        await expect(page.getByRole("row").filter({ hasText: "0 */10 * * * *" })).toHaveCount(1);
        await expect(page.getByRole("row").filter({ hasText: "0 5/10 * * * *" })).toHaveCount(1);
        await expect(page.getByRole("row", { name: said.noOverride })).toHaveCount(2);
        const calls = page.getByRole("region", { name: words.calls });
        await calls.getByText(/^shanghai/).click();
        await expect(calls.getByText("POST /api/v2.0/replication/policies").first()).toBeVisible();
        await expect(calls.getByText("POST /api/v2.0/robots").first()).toBeVisible();
        await expect(calls).not.toContainText("Harbor12345");
        // The old habit: every ten seconds. What it means and the nearest legal form are said.
        await page.getByLabel(words.cron, { exact: true }).fill("*/10 * * * * *");
        await page.getByRole("button", { name: /0 \*\/1 \* \* \* \*/ }).click();
        await expect(page.getByLabel(words.cron, { exact: true })).toHaveValue("0 */1 * * * *");
        await page.getByLabel(words.cron, { exact: true }).fill("");
        await expect(page.getByRole("row").filter({ hasText: "0 */10 * * * *" })).toHaveCount(1);
        await accessible();
      });

      await test.step("apply, live, and the proof both ways", async () => {
        await wizard.toApply();
        await wizard.apply();
        await expect(page.getByRole("progressbar")).toBeVisible();
        await wizard.proven();
        await expect(wizard.proof).toHaveCount(2);
        await accessible();
      });

      await test.step("the receipt can be downloaded", async () => {
        await page.getByRole("link", { name: words.receipt }).click();
        const link = page.getByRole("link", { name: words.download });
        const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
        const receipt = await readFile((await download.path())!, "utf8");
        expect(receipt).toContain(cluster);
        expect(receipt).not.toContain("Harbor12345");
        await page.goBack();
        // Whoever comes back to a draft that was applied finds the same.
        await page.reload();
        await hydrated(page);
      });

      await test.step("the person starts the first copy, and it arrives", async () => {
        await wizard.proven();
        await page.getByRole("button", { name: words.firstCopy }).click();
        await expect(page.getByText(words.firstCopyStarted)).toBeVisible();
        await expect(page.getByRole("region", { name: words.nodesNow })).toBeVisible();
        await expect(page.getByText(words.wellSentence)).toBeVisible({ timeout: 20_000 });
        await expect.poll(() => hasTag(harbors.urls[1], "hello", "v1"), { timeout: 30_000 }).toBe(true);
        await expect.poll(() => hasTag(harbors.urls[0], "other", "v2"), { timeout: 30_000 }).toBe(true);
        await accessible();
      });

      await test.step("a node that refuses is named without a reload, and heals", async () => {
        const main = page.getByRole("main");
        const board = await page.context().newPage();
        await board.goto("/");
        const card = board.getByRole("article", { name: cluster });
        await expect(card).toContainText(words.wellSentence);
        await harbors.fault(0, "refuse");
        await expect(main).toContainText(said.gone, { timeout: 30_000 });
        await expect(main).toContainText(said.refused);
        await expect(card).toContainText(said.gone);
        await harbors.heal(0);
        await expect(main).toContainText(words.wellSentence, { timeout: 30_000 });
        await expect(card).toContainText(words.wellSentence);
        await board.close();
      });
    });
  });
}

/** Whether a Harbor holds a tag. */
async function hasTag(url: string, repository: string, tag: string): Promise<boolean> {
  const authorization = `Basic ${btoa("admin:Harbor12345")}`;
  const path = `/api/v2.0/projects/library/repositories/${repository}/artifacts/${tag}`;
  return (await fetch(url + path, { headers: { authorization } })).ok;
}
