// Pictures of the important pages for README and for whoever judges a change by eye.
// Usage: node screens.mjs FOLDER_WITH_BINARIES FOLDER_WITH_SITE FOLDER_FOR_PICTURES
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { PASSWORD, PERSON, World, threeClusters } from "./world.mjs";

const [binaries, site, folder] = process.argv.slice(2);
const DESKTOP = { width: 1440, height: 1000 };
const PHONE = { width: 390, height: 844 };

const world = new World(binaries, site);
const { masters, shared, branches } = await threeClusters(world);
await world.begin("--listen", "127.0.0.1:0");
for (const { name, topology, urls, names } of [masters, shared, branches]) world.adopt(name, topology, urls, names);
// Two Harbors that are no cluster yet, with something for the checks to say.
const fresh = await world.harbors("--nodes", "2");
await fresh.push(0, "library/api", "latest");
await fresh.ask("POST", `/nodes/1/images?${new URLSearchParams({ repository: "library/api", tag: "latest" })}`, "another");

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.BREAKWATER_TEST_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking"],
});

/** A browser of somebody who is signed in. */
async function visitor({ locale, theme, viewport }) {
  const context = await browser.newContext({ baseURL: world.address, viewport, locale: locale === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai" });
  const { hostname: domain } = new URL(world.address);
  await context.addCookies([
    { name: "locale", value: locale, domain, path: "/" },
    { name: "theme", value: theme, domain, path: "/" },
  ]);
  const page = await context.newPage();
  const open = async (path) => {
    await page.goto(path);
    await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
  };
  await open("/sign-in");
  await page.locator("input[name=name]").fill(PERSON);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL("/");
  return { page, open };
}

const shot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });

/** The board and the cluster's pages while one master is away. */
async function watched({ page, open }, suffix) {
  await open("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shot(page, `board${suffix}`);
  const href = await page.getByRole("link", { name: masters.name, exact: true }).first().getAttribute("href");
  await open(href);
  await shot(page, `cluster${suffix}`);
  return href;
}

/** The wizard up to its review. */
async function wizard({ page, open }, suffix) {
  await open("/clusters/new");
  await page.waitForURL(/\/topology$/);
  await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
  await page.getByRole("radio").nth(1).check();
  await shot(page, `topology${suffix}`);
  return page.url().replace(/\/topology$/, "");
}

await masters.ask("POST", "/nodes/1/faults/refuse");
const day = await visitor({ locale: "en", theme: "day", viewport: DESKTOP });
await day.open("/");
// The sentence about the outage comes by itself.
await day.page.getByText(/beijing is (down|unreachable)|pushes to shanghai/i).first().waitFor();
const cluster = await watched(day, "");
for (const [name, path] of [
  ["cluster-settings", `${cluster}?tab=settings`],
  ["runs", "/runs"],
  ["activity", "/activity"],
  ["settings", "/settings"],
]) {
  await day.open(path);
  await shot(day.page, name);
}
await wizard(day, "");
for (const [suffix, look] of [
  ["-night", { locale: "en", theme: "night", viewport: DESKTOP }],
  ["-zh", { locale: "zh", theme: "day", viewport: DESKTOP }],
  ["-zh-night-phone", { locale: "zh", theme: "night", viewport: PHONE }],
  ["-phone", { locale: "en", theme: "day", viewport: PHONE }],
]) {
  const someone = await visitor(look);
  await watched(someone, suffix);
  await wizard(someone, suffix);
}
await browser.close();
world.end(0);
