import type { Page } from "@playwright/test";
import type { Console } from "../fixtures/console.ts";
import { administrator } from "../fixtures/people.ts";
import { hydrated } from "../fixtures/test.ts";
import { en, type Words } from "./words.ts";

/** The page of the first start. */
export class SetupPage {
  constructor(
    readonly page: Page,
    readonly console: Console,
    readonly words: Words = en,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(`${this.console.baseURL}/`);
    await hydrated(this.page);
  }

  field(label: string) {
    return this.page.getByLabel(label, { exact: true });
  }

  async fill(code: string, person = administrator): Promise<void> {
    await this.field(this.words.setupCode).fill(code);
    await this.field(this.words.yourName).fill(person.name);
    await this.field(this.words.password).fill(person.password);
  }

  async send(): Promise<void> {
    await this.page.getByRole("button", { name: this.words.claim }).click();
  }
}

/** The door. */
export class SignInPage {
  constructor(
    readonly page: Page,
    readonly console: Console,
    readonly words: Words = en,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(`${this.console.baseURL}/sign-in`);
    await hydrated(this.page);
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.page.getByLabel(this.words.name, { exact: true }).fill(name);
    await this.page.getByLabel(this.words.password, { exact: true }).fill(password);
    await this.page.getByRole("button", { name: this.words.signIn, exact: true }).click();
  }
}

/** Leaves through the account's menu. */
export async function signOut(page: Page, words: Words = en): Promise<void> {
  await page.getByRole("button", { name: words.account }).click();
  await page.getByRole("button", { name: words.signOut }).click();
}
