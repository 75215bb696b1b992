// Configuration of `make screens`.
import config from "../playwright.config.ts";

export default { ...config, testDir: ".", testMatch: "*.pictures.ts", outputDir: "../test-results", workers: 1, projects: [{ name: "screens" }] };
