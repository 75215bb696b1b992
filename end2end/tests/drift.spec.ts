// After an outage: what differs, why, the plan, the heal, and the same comparison again.
import type { Page } from "@playwright/test";
import { adopt } from "../fixtures/clusters.ts";
import { expect, Harbors, hydrated, test } from "../fixtures/test.ts";
import { type Language, wordsOf } from "../pages/words.ts";

/** What both hold at first. */
async function equal(harbors: Harbors): Promise<void> {
  for (const index of [0, 1]) {
    for (const tag of ["kept", "moved", "deleted", "fought"]) await harbors.push(index, "shop/cart", tag, "one");
  }
}

/** What people do on each side while nothing crosses: a push, a move, a deletion, and one tag twice. */
async function apart(harbors: Harbors): Promise<void> {
  await harbors.push(0, "shop/cart", "new", "two");
  await harbors.push(0, "shop/cart", "moved", "three");
  await harbors.untag(1, "shop/cart", "deleted");
  await harbors.push(0, "shop/cart", "fought", "four");
  await harbors.push(1, "shop/cart", "fought", "five");
}

const tag = (page: Page, name: string) => page.getByRole("row").filter({ has: page.getByText(`:${name}`, { exact: true }) });

for (const language of ["en", "zh"] satisfies Language[]) {
  test.describe(language, () => {
    const words = wordsOf(language);
    // A wrong number of deletions is refused.
    test.use({ language, expectedErrors: [/status of 422/] });

    test("what two masters did apart is shown, planned and healed; the conflict asks", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(180_000);
      const harbors = await Harbors.start();
      try {
        await equal(harbors);
        const cluster = language === "en" ? "Registry" : "镜像库";
        await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"]);
        await page.goto("/drift");
        await hydrated(page);
        const pair = page.getByRole("listitem").filter({ hasText: cluster });
        await expect(pair).toContainText(words.equal, { timeout: 60_000 });
        await accessible();

        await apart(harbors);
        await pair.getByRole("link", { name: "shanghai ⇄ beijing" }).click();
        await page.getByRole("button", { name: words.compare }).click();
        const title = page.getByRole("heading", { level: 1 });
        await expect(title).toHaveText(words.fourDiffer, { timeout: 60_000 });
        await expect(page.getByRole("main")).toContainText(words.readWholeAt);
        await page.getByRole("button", { name: words.readWhole }).click();
        await expect(page.getByRole("button", { name: words.compare })).toBeVisible({ timeout: 60_000 });
        await expect(title).toHaveText(words.fourDiffer);
        await expect(tag(page, "new")).toContainText(words.onlyOn);
        await expect(tag(page, "moved")).toContainText(words.movedOn);
        await expect(tag(page, "deleted")).toContainText(words.deletedOn);
        await expect(tag(page, "fought")).toContainText(words.bothChanged);
        // Of what differs both have two: what was moved and what each has its own way.
        const bars = page.getByRole("main").getByRole("progressbar");
        await expect(bars).toHaveCount(2);
        const [copied, alike] = await bars.evaluateAll((all) => all.map((bar) => (bar as HTMLProgressElement).value));
        expect(copied - alike).toBe(2);
        await accessible();

        await page.getByRole("link", { name: words.movedFilter }).click();
        await expect(page.getByRole("row")).toHaveCount(2);
        await page.getByRole("link", { name: words.allFilter }).click();
        await expect(page.getByRole("row")).toHaveCount(5);

        // One row alone, then all of them.
        await page.getByRole("checkbox", { name: words.pickNew }).check();
        await page.getByRole("button", { name: words.everyStep }).click();
        await expect(page.getByRole("button", { name: words.heal1 })).toBeVisible();
        await page.getByRole("button", { name: words.pickNone }).click();
        await page.getByRole("button", { name: words.everyStep }).click();
        await expect(page.getByRole("region", { name: words.heal, exact: true })).toContainText(words.healSummary);
        await accessible();
        await page.getByRole("textbox", { name: words.typeDeletions }).fill("7");
        await page.getByRole("button", { name: words.heal3 }).click();
        await expect(page.getByText(words.otherNumber)).toBeVisible();
        await page.getByRole("textbox", { name: words.typeDeletions }).fill("1");
        await page.getByRole("button", { name: words.heal3 }).click();
        await expect(page).toHaveURL(/\/runs\//);
        await expect(page.getByRole("main")).toContainText(words.fourToOne, { timeout: 60_000 });
        const healed = page.url();
        await accessible();

        await page.goto("/drift");
        await hydrated(page);
        await expect(pair).toContainText(words.oneLeft, { timeout: 60_000 });
        const held = await Promise.all([0, 1].map((index) => harbors.tags(index, "shop", "cart")));
        for (const one of ["kept", "moved", "new"]) expect(held[0][one], one).toBe(held[1][one]);
        expect(held.map((side) => side.deleted)).toEqual([undefined, undefined]);
        expect(held[0].fought).not.toBe(held[1].fought);

        // What may stand does not count, until a person takes that back.
        await pair.getByRole("link", { name: "shanghai ⇄ beijing" }).click();
        await page.getByRole("button", { name: words.acceptFought }).click();
        const why = page.getByRole("dialog", { name: words.acceptTitle });
        await expect(why).toContainText("shop/cart:fought");
        await why.getByRole("textbox", { name: words.acceptWhy }).fill("each has its own");
        await why.getByRole("combobox", { name: words.acceptFor }).selectOption({ label: words.acceptDays });
        await accessible();
        await why.getByRole("button", { name: words.accept, exact: true }).click();
        await expect(title).toHaveText(words.equalButOne);
        await expect(page.getByRole("main")).toContainText(words.restEqual);
        await page.getByRole("link", { name: words.acceptedFilter }).click();
        await expect(tag(page, "fought")).toContainText("each has its own");
        await expect(tag(page, "fought")).toContainText(words.acceptedBy);
        await accessible();
        await page.getByRole("button", { name: words.countAgain }).click();
        await expect(title).toHaveText(words.oneLeft);
        await page.getByRole("link", { name: words.allFilter }).click();

        // A person decides what no machine can.
        await page.getByRole("button", { name: words.keepShanghai }).click();
        await expect(page.getByRole("region", { name: words.heal, exact: true })).toContainText(words.oneMove);
        await page.getByRole("button", { name: words.heal1 }).click();
        await expect(page.getByRole("main")).toContainText(words.oneToNone, { timeout: 60_000 });
        await page.goto("/drift");
        await hydrated(page);
        await expect(pair).toContainText(words.equal, { timeout: 60_000 });
        expect((await harbors.tags(1, "shop", "cart")).fought).toBe(held[0].fought);

        // What the first heal moved is put back where it was, and the other side follows.
        await page.goto(healed);
        await hydrated(page);
        const kept = page.getByRole("region", { name: words.keptFromBefore });
        await expect(kept.getByRole("listitem")).toHaveCount(2);
        await accessible();
        await kept.getByRole("button", { name: words.restoreMoved }).click();
        const asks = page.getByRole("dialog", { name: words.restoreTitle });
        await asks.getByRole("button", { name: words.restore, exact: true }).click();
        await expect(page).not.toHaveURL(healed);
        await expect(page.getByRole("listitem").filter({ hasText: words.putBack })).toContainText(words.stepDone, { timeout: 60_000 });
        expect((await harbors.tags(1, "shop", "cart")).moved).toBe(held[1].kept);
        await page.goto("/drift");
        await hydrated(page);
        await expect(pair).toContainText(words.oneHeals, { timeout: 60_000 });
        await pair.getByRole("link", { name: "shanghai ⇄ beijing" }).click();
        await page.getByRole("button", { name: words.everyStep }).click();
        await page.getByRole("button", { name: words.heal1 }).click();
        await expect(page.getByRole("main")).toContainText(words.oneToNone, { timeout: 60_000 });
        expect((await harbors.tags(0, "shop", "cart")).moved).toBe(held[1].kept);
      } finally {
        await harbors.stop();
      }
    });

    test("one of the two takes no pushes for a switch-over, and the other is told to hold everything", async ({ page, breakwater, session, accessible }) => {
      test.setTimeout(120_000);
      const harbors = await Harbors.start();
      try {
        await equal(harbors);
        const cluster = language === "en" ? "Maintained" : "维护";
        await adopt(breakwater, session, harbors, cluster, ["shanghai", "beijing"]);
        const open = async () => {
          await page.goto("/drift");
          await hydrated(page);
          const pair = page.getByRole("listitem").filter({ hasText: cluster });
          await expect(pair).toContainText(words.equal, { timeout: 60_000 });
          await pair.getByRole("link", { name: "shanghai ⇄ beijing" }).click();
          await hydrated(page);
        };
        await open();
        const main = page.getByRole("main");
        await page.getByText(words.switchOver, { exact: true }).click();
        await page.getByRole("combobox", { name: words.noPushes }).selectOption("beijing");
        const password = page.getByRole("textbox", { name: words.password, exact: true });
        const stop = page.getByRole("button", { name: words.setReadOnly });
        // A wrong password would lock the right name for a moment.
        const administrator = page.getByRole("textbox", { name: words.administrator, exact: true });
        await administrator.fill("nobody");
        await password.fill("not this one");
        await stop.click();
        await expect(main).toContainText(words.signInRefused);
        await accessible();
        await administrator.fill("admin");
        await password.fill(Harbors.password);
        await stop.click();
        await expect(page).toHaveURL(/\/runs\//);
        await expect(main).toContainText(words.runDone, { timeout: 60_000 });
        expect(await harbors.readOnly(1)).toBe(true);

        await open();
        await expect(main).toContainText(words.readOnlyHeld);
        await expect(main).toContainText(words.canSwitch, { timeout: 60_000 });
        await accessible();
        await password.fill(Harbors.password);
        await page.getByRole("button", { name: words.takePushes }).click();
        await expect(page).toHaveURL(/\/runs\//);
        await expect(main).toContainText(words.runDone, { timeout: 60_000 });
        expect(await harbors.readOnly(1)).toBe(false);
      } finally {
        await harbors.stop();
      }
    });
  });
}

test("after an outage both are equal without a click, where the team allows it", async ({ page, breakwater, session }) => {
  test.setTimeout(180_000);
  const harbors = await Harbors.start();
  try {
    await equal(harbors);
    await adopt(breakwater, session, harbors, "Night", ["east", "west"]);
    await page.goto("/drift");
    await hydrated(page);
    const pair = page.getByRole("listitem").filter({ hasText: "Night" });
    await expect(pair).toContainText("Both hold the same", { timeout: 60_000 });
    await pair.getByRole("link", { name: "east ⇄ west" }).click();
    await page.getByRole("combobox", { name: "Heals by itself" }).selectOption({ label: "Copies, moves, and deletions that a person made" });
    await expect(page.getByText("Saved.")).toBeVisible();
    await harbors.fault(1, "refuse");
    await page.getByRole("button", { name: "Compare now" }).click();
    await expect(page.getByRole("region", { name: "The last comparison failed" })).toContainText("refused", { timeout: 60_000 });
    await apart(harbors);
    await harbors.heal(1);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^1 difference,/, { timeout: 90_000 });
    await expect(tag(page, "fought")).toContainText("Conflict");
    await page.goto("/activity");
    await expect(page.getByRole("main")).toContainText("east ⇄ west was healed");
  } finally {
    await harbors.stop();
  }
});
