// What the demo, the screenshots and the benches stand on: simulated Harbors and a console with its own data.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The person who is signed in as. */
export const PERSON = "demo";
export const PASSWORD = "harbour by moonlight";
const ADMIN = { username: "admin", secret: "Harbor12345" };

export class World {
  folder = mkdtempSync(join(tmpdir(), "breakwater-demo-"));
  children = [];

  /** `binaries` and `site` are where cargo and build-site put them. */
  constructor(binaries, site) {
    this.binaries = binaries;
    this.site = site;
    process.on("SIGINT", () => this.end(0));
    process.on("SIGTERM", () => this.end(0));
    process.on("uncaughtException", (error) => {
      console.error(error);
      this.end(1);
    });
  }

  /** What follows stands on data of its own; no console is at work on the former. */
  anew() {
    rmSync(this.folder, { recursive: true, force: true });
    this.folder = mkdtempSync(join(tmpdir(), "breakwater-demo-"));
  }

  /** Ends everything, removes the data, and ends this process. */
  end(code) {
    for (const child of this.children) {
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
    }
    rmSync(this.folder, { recursive: true, force: true });
    process.exit(code);
  }

  /** Starts a program; what it prints is collected in `text`. When it ends by itself, everything ends. */
  start(name, args, stdin = "ignore") {
    const child = spawn(join(this.binaries, name), args, { stdio: [stdin, "pipe", "inherit"] });
    child.text = "";
    child.stdout.on("data", (chunk) => (child.text += chunk));
    child.on("exit", () => this.end(1));
    this.children.push(child);
    return child;
  }

  /** Ends one program and waits until it has. */
  async stop(child) {
    child.removeAllListeners("exit");
    const ended = new Promise((done) => child.once("exit", done));
    child.kill();
    await ended;
    this.children = this.children.filter((other) => other !== child);
  }

  /** Waits until a program has printed something that fits. */
  async says(child, pattern, seconds = 20) {
    for (let tries = 0; tries < seconds * 20; tries++) {
      const found = pattern.exec(child.text);
      if (found) return found;
      await pause(50);
    }
    throw new Error(`nothing like ${pattern} was said:\n${child.text}`);
  }

  /** Simulated Harbors: their addresses, and `ask` for their control port. */
  async harbors(...args) {
    const child = this.start("harbor-sim", ["--control", "0", ...args]);
    const [, control] = await this.says(child, /^control (\S+)$/m);
    const urls = [...child.text.matchAll(/^\S+ (https?:\S+) \(.+\)$/gm)].map(([, url]) => url);
    const ask = async (method, path, body) => {
      const answer = await fetch(control + path, { method, body });
      if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
      return answer.json();
    };
    const push = (node, repository, tag) =>
      ask("POST", `/nodes/${node}/images?${new URLSearchParams({ repository, tag })}`, `${repository}:${tag}`);
    return { urls, ask, push, child };
  }

  /** One command of `breakwater` on the console's own data. */
  command(...args) {
    return execFileSync(join(this.binaries, "breakwater"), [...args, "--data-dir", this.folder], { encoding: "utf8" }).trim();
  }

  /** Starts the console. */
  async serve(...options) {
    this.console = this.start("breakwater", ["serve", "--data-dir", this.folder, "--site", this.site, ...options]);
    [, this.address] = await this.says(this.console, /^address: (\S+)$/m);
  }

  /** Makes the person and a token, and starts the console. */
  async begin(...options) {
    const code = this.command("user", "add", PERSON, "--role", "administrator").split("\n").at(-1);
    this.token = this.command("token", "create", PERSON, PERSON, "--role", "operator", "--days", "1");
    await this.serve(...options);
    const chosen = await fetch(`${this.address}/fn/use-reset-code`, {
      method: "POST",
      headers: { origin: this.address },
      body: new URLSearchParams({ name: PERSON, code, password: PASSWORD }),
    });
    if (!chosen.ok) throw new Error(`the password was refused: ${chosen.status} ${await chosen.text()}`);
  }

  /** Calls a server function as an administrator. */
  async function(name, body) {
    this.administrator ??= this.command("token", "create", PERSON, `${PERSON} too`, "--role", "administrator", "--days", "1");
    const headers = {
      authorization: `Bearer ${this.administrator}`,
      "content-type": "application/json",
      accept: "application/json",
    };
    const answer = await fetch(`${this.address}/fn/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Makes a public status page of clusters under their own names; gives its path. */
  async statusPage(title, slug, names) {
    const { clusters } = await this.function("edit-page", { id: null });
    const shown = clusters.filter(({ name }) => names.includes(name)).map(({ name, ...of }) => ({ ...of, shown_as: name }));
    const settings = { name: title, slug, title, clusters: shown, zone: "UTC", access: "public" };
    this.page = await this.function("make-page", { settings });
    return `/status/${slug}/`;
  }

  /** Makes a link to it: its path, and what revokes it. */
  async link() {
    const link = { name: "Bench", days: null, locale: null };
    const made = await this.function("make-link", { id: this.page.id, link, password: "" });
    const { pathname } = new URL(made.address, this.address);
    return { path: pathname, revoke: () => this.function("revoke-link", { page: this.page.id, id: made.link.id }) };
  }

  /** Adopts Harbors as a cluster; `more` is merged into the file's `cluster`. */
  adopt(name, topology, urls, names, more = {}) {
    const upstream = (i) => (topology === "tiered" && i > 1 ? { upstream: names[1] } : {});
    const account = { username: ADMIN.username, secret_env: "DEMO_SECRET", make_robot: true };
    const file = {
      cluster: { name, topology, nodes: urls.map((address, i) => ({ name: names[i], address, ...upstream(i) })), ...more },
      credentials: Object.fromEntries(names.map((node) => [node, account])),
      probes: true,
      accept_warnings: "demo",
    };
    const path = join(this.folder, `${topology}.yaml`);
    // JSON is YAML.
    writeFileSync(path, JSON.stringify(file));
    const args = ["cluster", "apply", "-f", path, "--server", this.address, "--token", this.token];
    execFileSync(join(this.binaries, "breakwater"), args, {
      env: { ...process.env, DEMO_SECRET: ADMIN.secret },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The three clusters of the demo. */
export async function threeClusters(world) {
  const masters = await world.harbors("--nodes", "2");
  const shared = await world.harbors("--nodes", "3", "--shared");
  const branches = await world.harbors("--nodes", "4", "--version", "2.14.4");
  for (const [pool, node, repository, tags] of [
    [masters, 0, "shop/cart", ["1.8.0", "1.9.0", "latest"]],
    [masters, 0, "shop/checkout", ["3.1", "latest"]],
    [masters, 1, "tools/lint", ["2", "2.4"]],
    [shared, 0, "build/base", ["22", "24"]],
    [branches, 0, "release/gateway", ["5.0", "5.1"]],
  ]) {
    for (const tag of tags) await pool.push(node, repository, tag);
  }
  return {
    masters: { ...masters, name: "Production", topology: "dual-master", names: ["shanghai", "beijing"] },
    shared: { ...shared, name: "Build", topology: "shared-storage", names: ["build-1", "build-2", "build-3"] },
    branches: { ...branches, name: "Branches", topology: "tiered", names: ["hq", "guangzhou", "shenzhen", "zhuhai"] },
  };
}
