import { administrator, claim, Console, expect, test } from "../fixtures/test.ts";
import { hydrated } from "../fixtures/test.ts";
import { SetupPage, signOut, SignInPage } from "../pages/entrance.ts";
import { en, wordsOf } from "../pages/words.ts";

test.use({ signedIn: false });

// What the browser itself logs when the server refuses a form.
const refusal = /Failed to load resource: .* 4(01|22|29)/;

test.describe("a console that nobody has claimed", () => {
  test.use({ expectedErrors: [refusal] });

  test("claim without the code is refused and keeps what was typed", async ({ page, ownConsole, accessible }) => {
    const setup = new SetupPage(page, ownConsole);
    await setup.open();
    await expect(page.getByRole("heading", { name: en.setupTitle })).toBeVisible();
    await setup.fill("AAAA-BBBB-CCCC-DDDD");
    await setup.send();
    await expect(page.getByText(en.wrongCode)).toBeVisible();
    await expect(setup.field(en.setupCode)).toHaveValue("AAAA-BBBB-CCCC-DDDD");
    await expect(setup.field(en.yourName)).toHaveValue(administrator.name);
    await expect(setup.field(en.password)).toHaveValue(administrator.password);
    await accessible();
    // Every other door leads back here.
    await page.goto(`${ownConsole.baseURL}/settings`);
    await expect(page.getByRole("heading", { name: en.setupTitle })).toBeVisible();
  });

  test("claim with the code leads straight to the first cluster", async ({ page, ownConsole }) => {
    const setup = new SetupPage(page, ownConsole);
    await setup.open();
    await expect(setup.field(en.publicAddress)).toHaveValue(ownConsole.baseURL);
    await setup.fill(ownConsole.setupCode);
    await setup.field(en.language).selectOption("中文");
    await setup.send();
    const zh = wordsOf("zh");
    await expect(page.getByRole("heading", { name: zh.topologyTitle })).toBeVisible();
    await hydrated(page);
    // The code works once.
    await signOut(page, zh);
    await expect(page.getByRole("heading", { name: zh.signInTitle })).toBeVisible();
    await page.goto(`${ownConsole.baseURL}/setup`);
    await expect(page.getByRole("heading", { name: zh.signInTitle })).toBeVisible();
  });
});

test.describe("a claimed console", () => {
  test("sign in leads to where one wanted to go and sign out ends it", async ({ page, breakwater, session }) => {
    expect(session.cookies).not.toEqual([]);
    await page.goto("/activity");
    await hydrated(page);
    await expect(page.getByRole("heading", { name: en.signInTitle })).toBeVisible();
    const door = new SignInPage(page, breakwater);
    await door.signIn(administrator.name, administrator.password);
    await expect(page).toHaveURL(/\/activity$/);
    await hydrated(page);
    await signOut(page);
    await expect(page.getByRole("heading", { name: en.signInTitle })).toBeVisible();
    await page.goto("/activity");
    await expect(page.getByRole("heading", { name: en.signInTitle })).toBeVisible();
  });

  test.describe("to whom the password is not known", () => {
    test.use({ expectedErrors: [refusal] });

    test("sign in with a wrong password or an unknown name gets the same answer", async ({ page, breakwater, session }) => {
      expect(session.cookies).not.toEqual([]);
      const door = new SignInPage(page, breakwater);
      for (const name of [administrator.name, "nobody"]) {
        await door.open();
        await door.signIn(name, "not-the-password-9");
        await expect(page.getByRole("alert")).toContainText("Name or password is wrong.");
        await expect(page.getByLabel(en.name, { exact: true })).toHaveValue(name);
      }
    });

    test("sign in again and again is slowed and says for how long", async ({ page, breakwater, session }) => {
      expect(session.cookies).not.toEqual([]);
      const door = new SignInPage(page, breakwater);
      await door.open();
      const alert = page.getByRole("alert");
      // Five wrong ones are free. After them the wait doubles from a second, so that some later try comes too soon.
      const button = page.getByRole("button", { name: en.signIn, exact: true });
      await expect(async () => {
        await door.signIn("guessed", "not-the-password-9");
        await expect(button).not.toHaveAttribute("aria-busy", "true");
        await expect(alert).toContainText("There were too many wrong passwords.", { timeout: 1 });
      }).toPass({ intervals: [1] });
      await expect(alert).toContainText(/Try again in \d+ s/);
      // Somebody else is not slowed by that.
      await door.signIn(administrator.name, administrator.password);
      await expect(page.getByRole("navigation", { name: "Sections" })).toBeVisible();
    });
  });

  test("language and theme are switched and stay without any WebAssembly", async ({ browser, breakwater, session }) => {
    const context = await browser.newContext({ baseURL: breakwater.baseURL, storageState: session, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto("/settings");
    const zh = wordsOf("zh");
    await page.getByRole("form", { name: en.language }).getByRole("button", { name: "Chinese" }).click();
    await expect(page.getByRole("heading", { name: zh.settings, level: 1 })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    await page.getByRole("form", { name: "外观" }).getByRole("button", { name: "深色" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "night");
    await page.goto("/clusters");
    await expect(page.getByRole("heading", { name: zh.clusters, level: 1 })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "night");
    await page.getByRole("button", { name: zh.switchLanguage }).first().click();
    await expect(page.getByRole("heading", { name: en.clusters, level: 1 })).toBeVisible();
    await context.close();
  });
});

test.describe("people", () => {
  let own: Console;
  test.beforeAll(async () => {
    own = await Console.start();
    await claim(own);
  });
  test.afterAll(() => own.remove());

  const password = "lantern-at-the-quay-5";

  async function enter(page: import("@playwright/test").Page, name: string, secret: string): Promise<void> {
    const door = new SignInPage(page, own);
    await door.open();
    await door.signIn(name, secret);
    await expect(page.getByRole("navigation", { name: "Sections" })).toBeVisible();
    await hydrated(page);
  }

  /** Adds somebody as the administrator, and lets them choose a password by their code. */
  async function add(page: import("@playwright/test").Page, name: string, role: string): Promise<void> {
    await page.goto(`${own.baseURL}/settings?tab=people`);
    await hydrated(page);
    await page.getByRole("region", { name: "Add a person" }).getByLabel("Name").fill(name);
    await page.getByRole("region", { name: "Add a person" }).getByLabel("Role").selectOption({ label: role });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const code = await page.getByRole("textbox", { name: `One-time code for ${name}` }).inputValue();
    await page.getByRole("button", { name: "I have it" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: name })).toContainText("has no password yet");
    await signOut(page);
    await page.getByRole("link", { name: "I have a reset code" }).click();
    await page.getByLabel(en.name, { exact: true }).fill(name);
    await page.getByLabel("Reset code").fill(code);
    await page.getByLabel("New password").fill(password);
    await page.getByRole("button", { name: "Set password" }).click();
    await expect(page.getByText("Your new password is set.")).toBeVisible();
    await hydrated(page);
    await new SignInPage(page, own).signIn(name, password);
    await expect(page.getByRole("navigation", { name: "Sections" })).toBeVisible();
    await hydrated(page);
  }

  test("a viewer sees no button that changes anything", async ({ page }) => {
    await enter(page, administrator.name, administrator.password);
    await add(page, "vera", "Viewer: sees everything but secrets");
    for (const path of ["/", "/clusters", "/clusters/new"]) {
      await page.goto(own.baseURL + path);
      await hydrated(page);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
      await expect(page.getByRole("link", { name: en.newCluster })).toHaveCount(0);
    }
    await page.goto(`${own.baseURL}/settings?tab=people`);
    await expect(page.getByText("Your role is Viewer.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Add", exact: true })).toHaveCount(0);
  });

  test("people are disabled, changed and removed by an administrator", async ({ page, accessible }) => {
    await enter(page, administrator.name, administrator.password);
    await add(page, "otto", "Operator: also changes clusters");
    await signOut(page);
    await enter(page, administrator.name, administrator.password);
    await page.goto(`${own.baseURL}/settings?tab=people`);
    await hydrated(page);
    const otto = page.getByRole("listitem").filter({ hasText: "otto" });
    await page.getByLabel("Role of otto").selectOption("Viewer");
    await expect(page.getByText("The role of otto is changed; they sign in again.")).toBeVisible();
    await page.getByRole("button", { name: "Disable otto" }).click();
    await expect(otto).toContainText("disabled");
    await page.getByRole("button", { name: "Enable otto" }).click();
    await expect(otto).not.toContainText("disabled");
    await accessible();
    await page.getByRole("button", { name: "Remove otto" }).click();
    await page.getByRole("dialog", { name: "Remove this person?" }).getByRole("button", { name: "Remove" }).click();
    await expect(otto).toHaveCount(0);
  });

  test("a token is shown once and revoked", async ({ page, request, accessible }) => {
    await enter(page, administrator.name, administrator.password);
    await page.goto(`${own.baseURL}/settings?tab=tokens`);
    await hydrated(page);
    await expect(page.getByText("No tokens yet")).toBeVisible();
    await page.getByLabel("What is it for?").fill("deploy");
    await page.getByRole("button", { name: "Make it" }).click();
    const field = page.getByRole("textbox", { name: "Token deploy" });
    const token = await field.inputValue();
    const ask = () => request.get(`${own.baseURL}/api/v1/clusters`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask()).status()).toBe(200);
    await accessible();
    await page.getByRole("button", { name: "I have it" }).click();
    await expect(field).toHaveCount(0);
    await page.getByRole("button", { name: "Revoke the token deploy of anna" }).click();
    await expect(page.getByText("The token deploy is revoked.")).toBeVisible();
    expect((await ask()).status()).toBe(401);
  });

  test("sessions are listed and one of them is ended", async ({ page, browser }) => {
    await enter(page, administrator.name, administrator.password);
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await enter(other, administrator.name, administrator.password);
    await page.goto(`${own.baseURL}/settings?tab=sessions`);
    await hydrated(page);
    const sessions = page.getByRole("main").getByRole("listitem");
    await expect(sessions.filter({ hasText: "this browser" })).toHaveCount(1);
    await page.getByRole("button", { name: "End all others" }).click();
    await expect(page.getByText("You are signed in nowhere else.")).toBeVisible();
    await expect(sessions).toHaveCount(1);
    await other.goto(`${own.baseURL}/settings`);
    await expect(other.getByRole("heading", { name: en.signInTitle })).toBeVisible();
    await elsewhere.close();
  });

  test("a password is changed and the old one is refused", async ({ page }) => {
    await enter(page, administrator.name, administrator.password);
    await page.goto(`${own.baseURL}/settings`);
    await hydrated(page);
    await page.getByLabel("Present password").fill(administrator.password);
    await page.getByLabel("New password").fill("breakwater-holds-the-tide-3");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText("Your password is changed.")).toBeVisible();
    await expect(page.getByLabel("Present password")).toHaveValue("");
    await signOut(page);
    await enter(page, administrator.name, "breakwater-holds-the-tide-3");
  });
});
