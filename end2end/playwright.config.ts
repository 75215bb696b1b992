import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig, devices } from "@playwright/test";

/** Chromium is the machine's own; Playwright downloads none. */
function chromium(): string {
  const given = process.env.BREAKWATER_TEST_CHROMIUM;
  if (given) return given;
  const folders = (process.env.PATH ?? "").split(delimiter);
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  throw new Error("no Chromium on the PATH. Cure: apt-get install chromium, or give BREAKWATER_TEST_CHROMIUM");
}

export default defineConfig({
  testDir: "tests",
  // Each worker has a console and Harbors of its own, so files run side by side and tests of a file in order.
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // A browser on a busy machine hangs once in a long while. What passed the second time is counted as flaky.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Asia/Shanghai",
    // A button that never becomes ready fails sooner than the whole test.
    actionTimeout: 20_000,
    screenshot: "only-on-failure",
    // A trace of every run would take a sixth of the time.
    trace: "on-first-retry",
    launchOptions: {
      executablePath: chromium(),
      // Inside containers, and as root, Chromium has no sandbox.
      args: ["--no-sandbox", "--disable-background-networking"],
    },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1440, height: 900 } }, grepInvert: /@phone-only/ },
    // What is tagged @phone or @phone-only.
    {
      name: "phone",
      grep: /@phone/,
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 }, locale: "en-GB" },
    },
  ],
});
