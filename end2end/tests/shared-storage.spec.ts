import { expect, Harbors, test } from "../fixtures/test.ts";
import type { Harbors as Nodes } from "../fixtures/harbors.ts";
import { named, Wizard } from "../pages/wizard.ts";
import { en, type Language, wordsOf } from "../pages/words.ts";

const said = {
  en: {
    refused: "Confirm first that these objects may be made.",
    nothingMade: /Shared storage needs no rules/,
    proven: /pushed through node-1, pulled with every byte equal through/,
    well: (n: number) => `${n} nodes serve one store. Every push is seen on all of them.`,
    without: (n: number, all: number) => `${n} of ${all} nodes serve; without node-2.`,
  },
  zh: {
    refused: "请先确认可以创建这些对象。",
    nothingMade: /共享存储不需要规则/,
    proven: /通过 node-1 推送；从各节点拉取，内容完全一致/,
    well: (n: number) => `${n} 个节点共用一套存储，推送后各节点立即可见。`,
    without: (n: number, all: number) => `${all} 个节点中有 ${n} 个可用，node-2 不可用。`,
  },
};

/** Starts Harbors for one test; they are gone after it. */
const shared = test.extend<{ startShared: (nodes: number, differ?: string[]) => Promise<Nodes> }>({
  startShared: async ({}, use) => {
    const started: Nodes[] = [];
    await use(async (nodes, differ) => {
      const harbors = await Harbors.start({ shared: true, nodes, differ });
      started.push(harbors);
      return harbors;
    });
    for (const harbors of started) await harbors.stop();
  },
});

const names = ["node-1", "node-2", "node-3"];

/** Confirms the probes and runs them, until each has answered. */
async function probe(wizard: Wizard): Promise<void> {
  const { page, words } = wizard;
  await page.getByRole("checkbox", { name: words.probesConfirm }).check();
  await wizard.button(words.probesRun).click();
  await expect(wizard.summary).toContainText(/^(\d+) of \1 |^(\d+) 项检查中已有 \2 项/, { timeout: 90_000 });
}

const topics: [Language, number][] = [
  ["en", 2],
  ["zh", 3],
];
for (const [language, count] of topics) {
  const words = wordsOf(language);

  shared.describe(`one store, in ${language}`, () => {
    shared.use({ language });

    shared(`adopt ${count} Harbors with one store and watch one go and come back`, async ({ page, startShared, accessible }) => {
      shared.setTimeout(180_000);
      const harbors = await startShared(count);
      await harbors.push(0, "library/hello", "v1");
      const wizard = new Wizard(page, words);
      const cluster = `Build ${language}`;
      await wizard.name(words.sharedStorage, cluster, named(harbors, ...names));
      await expect(await wizard.test(1)).toContainText("2.15.2");
      await wizard.check();

      await shared.step("probes are listed, confirmed and run", async () => {
        await expect(wizard.button(words.toReview)).toHaveAttribute("aria-disabled", "true");
        const probes = page.getByRole("region", { name: words.probesTitle });
        await probes.getByRole("button", { name: words.probesShow }).click();
        await probes.getByText(/^node-1/).click();
        await expect(probes.getByText(/^(POST|PUT) \/api\/v2.0\//).first()).toBeVisible();
        await expect(wizard.button(words.probesRun)).toHaveAttribute("aria-disabled", "true");
        await expect(probes).toContainText(said[language].refused);
        await probe(wizard);
        await wizard.fine();
        await accessible();
      });

      await shared.step("the review says that no rules are needed", async () => {
        await wizard.review();
        await expect(page.getByText(said[language].nothingMade)).toBeVisible();
      });

      await shared.step("apply and the proof through each node", async () => {
        await wizard.toApply();
        await wizard.apply();
        await wizard.proven();
        const proof = page.getByRole("listitem").filter({ hasText: said[language].proven });
        await expect(proof).toHaveCount(1);
        for (const name of names.slice(1, count)) await expect(proof).toContainText(name);
        // Nothing has to be copied.
        await expect(page.getByRole("button", { name: words.firstCopy })).toHaveCount(0);
      });

      await shared.step("the cluster live, with and without one node", async () => {
        await page.getByRole("link", { name: words.seeCluster }).click();
        const main = page.getByRole("main");
        await expect(main).toContainText(said[language].well(count), { timeout: 30_000 });
        await harbors.fault(1, "refuse");
        await expect(main).toContainText(said[language].without(count - 1, count), { timeout: 30_000 });
        await harbors.heal(1);
        await expect(main).toContainText(said[language].well(count), { timeout: 30_000 });
      });
    });
  });
}

const wrong: { part: string; title: string; cure: RegExp }[] = [
  { part: "csrf_key", title: "CSRF_KEY is the same", cure: /Copy CSRF_KEY from node-\d .* to node-\d and restart its core/ },
  { part: "secretkey", title: "secretkey is the same", cure: /Copy secret\/keys\/secretkey .* from node-\d to node-\d/ },
];
for (const { part, title, cure } of wrong) {
  shared(`probe names ${part} when one node has another`, async ({ page, startShared }) => {
    shared.setTimeout(120_000);
    const harbors = await startShared(2, [`2:${part}`]);
    const wizard = new Wizard(page);
    await wizard.name(en.sharedStorage, `Wrong ${part}`, named(harbors, ...names));
    await wizard.check();
    await probe(wizard);
    // This one, and no other, is wrong.
    await expect(wizard.summary).toContainText("1 must be mended first.");
    const finding = wizard.finding(title);
    await expect(finding).toContainText(en.failed);
    await expect(finding).toContainText(cure);
    await expect(wizard.button(en.toReview)).toHaveAttribute("aria-disabled", "true");
    await expect(page.getByText(`${en.waitingFor}: ${title}`)).toBeVisible();
  });
}
