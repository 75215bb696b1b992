import { expect, type Locator, type Page } from "@playwright/test";
import { hydrated } from "../fixtures/test.ts";
import { Harbors } from "../fixtures/harbors.ts";
import { en, type Words } from "./words.ts";

/** What is typed about one node. */
export interface NodeTyped {
  address: string;
  name?: string;
  username?: string;
  password?: string;
}

/** How long checks, a plan, and a run with its proof may take on a busy machine. */
const SLOW = { timeout: 60_000 };

/** The wizard, step by step. */
export class Wizard {
  constructor(
    readonly page: Page,
    readonly words: Words = en,
    /** Of a console other than the worker's. */
    readonly base = "",
  ) {}

  /** Begins a new draft and waits until its first step listens. */
  async begin(): Promise<void> {
    await this.page.goto(`${this.base}/clusters/new`);
    await expect(this.page).toHaveURL(/\/topology$/);
    await hydrated(this.page);
    await this.title(this.words.topologyTitle);
  }

  /** Waits for the heading of a step. */
  async title(words: string): Promise<void> {
    await expect(this.page.getByRole("heading", { name: words, level: 1 })).toBeVisible(SLOW);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("main").getByRole("button", { name, exact: true });
  }

  async choose(topology: RegExp): Promise<void> {
    await this.page.getByRole("radio", { name: topology }).check();
    await this.button(this.words.toNodes).click();
    await this.title(this.words.nodesTitle);
  }

  get clusterName(): Locator {
    return this.page.getByLabel(this.words.clusterName, { exact: true });
  }

  get entry(): Locator {
    return this.page.getByLabel(this.words.entryAddress, { exact: true });
  }

  /** The panel of one node; its heading changes as its address is typed. */
  node(index: number): Locator {
    const address = this.page.getByLabel(this.words.address, { exact: true });
    return this.page.getByRole("region").filter({ has: address }).nth(index);
  }

  field(index: number, label: string): Locator {
    return this.node(index).getByLabel(label, { exact: true });
  }

  /** Opens what is folded away: certificate and name. */
  async more(index: number): Promise<void> {
    const name = this.field(index, this.words.nodeName);
    if (!(await name.isVisible())) await this.node(index).getByText(this.words.more, { exact: true }).click();
    await expect(name).toBeVisible();
  }

  async fill(index: number, typed: NodeTyped): Promise<void> {
    await this.field(index, this.words.address).fill(typed.address);
    if (typed.name) {
      await this.more(index);
      await this.field(index, this.words.nodeName).fill(typed.name);
    }
    await this.field(index, this.words.username).fill(typed.username ?? "admin");
    await this.field(index, this.words.nodePassword).fill(typed.password ?? Harbors.password);
  }

  /** Right after typing: waits until that is kept. */
  async kept(): Promise<void> {
    const banner = this.page.getByRole("banner");
    await expect(banner).toContainText(this.words.keeping);
    await expect(banner).toContainText(this.words.kept);
  }

  /** Presses Test and returns the place of the answer. */
  async test(index: number): Promise<Locator> {
    await this.node(index).getByRole("button", { name: this.words.test, exact: true }).click();
    const answer = this.answer(index);
    await expect(answer).toContainText(this.words.tested, SLOW);
    return answer;
  }

  answer(index: number): Locator {
    return this.node(index).getByRole("status").filter({ hasText: this.words.tested });
  }

  /** Everything up to the second step's end: topology, name, nodes, and Next. */
  async name(topology: RegExp, cluster: string, nodes: NodeTyped[]): Promise<void> {
    await this.begin();
    await this.choose(topology);
    await this.clusterName.fill(cluster);
    for (const [index, node] of nodes.entries()) {
      if (index >= 2) await this.button(this.words.addNode).click();
      await this.fill(index, node);
    }
  }

  /** From the nodes to the checks, until the last of them has answered. */
  async check(): Promise<void> {
    await this.button(this.words.toChecks).click();
    await this.title(this.words.checksTitle);
    await expect(this.summary).not.toHaveText("", SLOW);
  }

  /** "30 of 30 checks have answered …" */
  get summary(): Locator {
    return this.page.getByRole("main").getByRole("status").first();
  }

  /** The row of a finding; the probes below repeat the titles. */
  finding(title: string | RegExp): Locator {
    return this.page.getByRole("listitem").filter({ hasText: title }).first();
  }

  /** Everything was asked, and nothing stands in the way. */
  async fine(): Promise<void> {
    await expect(this.summary).toContainText(this.words.fine, SLOW);
  }

  /** From the checks to the review, until its plan is made. */
  async review(): Promise<void> {
    await this.button(this.words.toReview).click();
    await this.title(this.words.reviewTitle);
    await expect(this.page.getByRole("region", { name: this.words.calls })).toBeVisible(SLOW);
  }

  async toApply(): Promise<void> {
    await this.button(this.words.toApply).click();
    await this.title(this.words.applyTitle);
  }

  async apply(): Promise<void> {
    await this.button(this.words.apply).click();
  }

  /** Waits until every step and the proof are done. */
  async proven(): Promise<void> {
    await this.title(this.words.done);
  }

  /** The panel of the last step that holds the legs of the proof. */
  get proof(): Locator {
    const crossed = this.page.getByRole("listitem");
    return crossed.filter({ hasText: this.words.crossed });
  }

  /** From the nodes of a change to its end. */
  async change(): Promise<void> {
    await this.check();
    await this.fine();
    await this.review();
    await this.toApply();
    await this.apply();
    await this.title(this.words.changeDone);
  }

  /** Everything up to the last step, where nothing is changed yet. */
  async prepare(topology: RegExp, cluster: string, nodes: NodeTyped[]): Promise<void> {
    await this.name(topology, cluster, nodes);
    await this.check();
    await this.fine();
    await this.review();
    await this.toApply();
  }
}

/** The nodes of the simulator with names. */
export function named(harbors: Harbors, ...names: string[]): NodeTyped[] {
  return harbors.urls.map((address, index) => ({ address, name: names[index] }));
}
