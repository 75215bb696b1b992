// A page that a team shares: made and shared by an administrator, read by people without an account.
import type { Browser, Page } from "@playwright/test";
import { adopt, copyByItself } from "../fixtures/clusters.ts";
import { expect, Harbors, hydrated, test } from "../fixtures/test.ts";
import { type Language, type Words, wordsOf } from "../pages/words.ts";

/** Somebody without an account, on a phone. */
async function stranger(browser: Browser, language: Language, options: object = {}): Promise<Page> {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale, ...options });
  return context.newPage();
}

/** Makes a page that shows a cluster under aliases. */
async function make(page: Page, words: Words, cluster: string, slug: string): Promise<void> {
  await page.goto("/pages");
  await hydrated(page);
  await page.getByRole("link", { name: words.newPage }).click();
  await page.getByRole("textbox", { name: words.pageTitle, exact: true }).fill("Registry status");
  await page.getByRole("textbox", { name: words.pageSlug, exact: true }).fill(slug);
  await page.getByRole("textbox", { name: words.zone }).fill("Asia/Shanghai");
  const show = page.getByRole("switch", { name: words.showCluster(cluster), exact: true });
  if (!(await show.isChecked())) await show.check();
  await page.getByRole("textbox", { name: words.calledCluster(cluster), exact: true }).fill("Production");
  await page.getByRole("textbox", { name: words.calledCluster("secret-a"), exact: true }).fill("Shanghai");
  await page.getByRole("textbox", { name: words.calledCluster("secret-b"), exact: true }).fill("Beijing");
}

/** Makes a link and gives its address. */
async function share(page: Page, words: Words, name: string, password = ""): Promise<string> {
  const drawer = page.getByRole("dialog", { name: words.shareTitle });
  await drawer.getByRole("textbox", { name: words.linkFor }).fill(name);
  await drawer.getByRole("textbox", { name: words.linkPassword }).fill(password);
  await drawer.getByRole("button", { name: words.makeLink }).click();
  const address = drawer.getByRole("textbox", { name: words.theLink(name) });
  await expect(address).toHaveValue(/\/share\/[\w-]{22}\/$/);
  return new URL(await address.inputValue(), page.url()).href;
}

/** What other sites show is seen and copied. */
async function embed(page: Page, words: Words, address: string): Promise<void> {
  const drawer = page.getByRole("dialog", { name: words.shareTitle });
  const badge = drawer.getByRole("img", { name: words.embedded });
  await expect.poll(() => badge.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(50);
  await expect(drawer.getByRole("textbox", { name: words.embedMarkdown })).toHaveValue(
    `[![Registry status](${address}badge/state.svg)](${address})`,
  );
  const section = drawer.getByRole("region", { name: words.embed });
  await section.getByRole("combobox", { name: words.embedPiece }).selectOption(words.pieceWidget);
  await section.getByRole("combobox", { name: words.embedLanguage }).selectOption("中文");
  const widget = drawer.frameLocator(`iframe[title="${words.embedded}"]`);
  await expect(widget.getByRole("link", { name: "Registry status" })).toContainText(wordsOf("zh").canBoth);
  await expect(section.getByRole("textbox", { name: words.embedHtml })).toHaveValue(
    `<iframe src="${address}widget?lang=zh-CN" title="Registry status" width="100%" height="96" frameborder="0" loading="lazy"></iframe>`,
  );
}

for (const language of ["en", "zh"] satisfies Language[]) {
  test.describe(language, () => {
    const words = wordsOf(language);
    test.use({ language, expectedErrors: [/status of 404/] });

    test("a page is made, shared, read during an outage, and revoked", async ({ page, browser, breakwater, session, accessible }) => {
      test.setTimeout(240_000);
      const harbors = await Harbors.start();
      const cluster = language === "en" ? "Hidden" : "隐藏的集群";
      try {
        for (const index of [0, 1]) await harbors.push(index, "shop/cart", "kept");
        const adopted = await adopt(breakwater, session, harbors, cluster, ["secret-a", "secret-b"]);
        await copyByItself(breakwater, session, adopted);
        await make(page, words, cluster, `team-${language}`);
        // What readers will see stands beside the form, while one types.
        const preview = page.frameLocator(`iframe[title="${words.pagePreview}"]`);
        await expect(preview.getByRole("heading", { name: words.canBoth })).toBeVisible({ timeout: 30_000 });
        await expect(preview.getByRole("heading", { level: 1, name: "Registry status" })).toBeVisible();
        await expect(preview.getByText("Shanghai → Beijing")).toBeVisible();
        await accessible();
        await page.getByRole("button", { name: words.makePage }).click();
        await expect(page).toHaveURL(/\/pages\/[0-9a-f-]{36}$/);
        await page.getByRole("button", { name: words.share }).click();
        await expect(page.getByText(words.embedNeedsLink)).toBeVisible();
        const address = await share(page, words, "Team");
        await expect(page.getByRole("img", { name: words.qrCode })).toBeVisible();
        await accessible();
        await embed(page, words, address);

        // Without scripts, on a phone.
        const plain = await stranger(browser, language, { javaScriptEnabled: false });
        await plain.goto(address);
        await expect(plain.getByRole("heading", { name: words.canBoth })).toBeVisible();
        const text = await plain.content();
        const hosts = harbors.urls.map((url) => new URL(url).host);
        for (const secret of ["secret-a", "secret-b", cluster, ...hosts]) expect(text).not.toContain(secret);

        // On a screen that stays open.
        const wall = await stranger(browser, language);
        await wall.goto(address);
        const state = wall.getByRole("status").first();
        await expect(state).toContainText(words.canBoth);
        const links = wall.getByRole("listitem").filter({ hasText: words.areEqual });
        await expect(links).toHaveCount(2, { timeout: 60_000 });
        await harbors.fault(0, "refuse");
        await expect(state).toContainText(words.nodeAway, { timeout: 30_000 });
        await harbors.push(1, "shop/cart", "pushed-meanwhile", "another layer");
        await plain.reload();
        await expect(plain.getByRole("status").first()).toContainText(words.nodeAway);
        await harbors.heal(0);
        await expect(state).not.toContainText(words.nodeAway, { timeout: 60_000 });
        const outage = wall.getByRole("article").first();
        await expect(outage).toContainText(words.wasAway);
        await expect(outage).toContainText(words.equalAgain, { timeout: 90_000 });
        const [here, there] = await Promise.all([0, 1].map((index) => harbors.tags(index, "shop", "cart")));
        expect(here).toEqual(there);
        expect(here).toHaveProperty("pushed-meanwhile");
        await plain.context().close();

        // Who looked is counted, and looks no longer once the link is revoked.
        await page.reload();
        await hydrated(page);
        await page.getByRole("button", { name: words.share }).click();
        await expect(page.getByRole("listitem").filter({ hasText: "Team" })).toContainText(words.views(3));
        await page.getByRole("button", { name: words.revokeLink("Team") }).click();
        await expect(wall.getByRole("heading", { name: words.doorTitle })).toBeVisible({ timeout: 5_000 });
        await wall.context().close();
      } finally {
        await harbors.stop();
      }
    });
  });
}

test("a link with a password opens by it, and by nothing else", async ({ page, browser, breakwater, session }) => {
  test.setTimeout(120_000);
  const words = wordsOf("en");
  const harbors = await Harbors.start();
  try {
    await adopt(breakwater, session, harbors, "Locked", ["secret-a", "secret-b"]);
    await make(page, words, "Locked", "locked");
    await page.getByRole("button", { name: words.makePage }).click();
    await expect(page).toHaveURL(/\/pages\/[0-9a-f-]{36}$/);
    await page.getByRole("button", { name: words.share }).click();
    const address = await share(page, words, "Guests", "open sesame");
    const guest = await stranger(browser, "en", { javaScriptEnabled: false });
    for (const [password, title] of [
      ["wrong", words.doorTitle],
      ["open sesame", words.canBoth],
    ] as [string, string][]) {
      await guest.goto(address);
      await guest.getByLabel(words.doorPassword).fill(password);
      await guest.getByRole("button", { name: words.doorOpen }).click();
      await expect(guest.getByRole("heading", { name: title })).toBeVisible();
    }
    // It is remembered.
    await guest.goto(address);
    await expect(guest.getByRole("heading", { name: words.canBoth })).toBeVisible();
    await guest.context().close();
  } finally {
    await harbors.stop();
  }
});
