// The product without a Harbor: simulated Harbors, a console that is set up already, and an outage every few
// minutes. Usage: node demo.mjs FOLDER_WITH_BINARIES FOLDER_WITH_SITE [serve options…]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [binaries, site, ...serveOptions] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "breakwater-demo-"));
const PASSWORD = "harbour by moonlight";
const ADMIN = { username: "admin", secret: "Harbor12345" };
/** Time between two outages, and how long one lasts, milliseconds. */
const [BETWEEN, OUTAGE] = [180_000, 45_000];

const children = [];
function start(name, args) {
  const child = spawn(join(binaries, name), args, { stdio: ["ignore", "pipe", "inherit"] });
  child.text = "";
  child.stdout.on("data", (chunk) => (child.text += chunk));
  child.on("exit", () => stop(1));
  children.push(child);
  return child;
}

function stop(code) {
  for (const child of children) {
    child.removeAllListeners("exit");
    child.kill();
  }
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

async function says(child, pattern) {
  for (let tries = 0; tries < 200; tries++) {
    const found = pattern.exec(child.text);
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`nothing like ${pattern} was said:\n${child.text}`);
}

async function harbors(args) {
  const child = start("harbor-sim", ["--control", "0", ...args]);
  const [, control] = await says(child, /^control (\S+)$/m);
  const urls = [...child.text.matchAll(/^\S+ (https?:\S+) \(.+\)$/gm)].map(([, url]) => url);
  const ask = async (method, path, body) => {
    const answer = await fetch(control + path, { method, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
  return { urls, ask };
}

const breakwater = (...args) =>
  execFileSync(join(binaries, "breakwater"), [...args, "--data-dir", folder], { encoding: "utf8" }).trim();

const masters = await harbors(["--nodes", "2"]);
const shared = await harbors(["--nodes", "3", "--shared"]);
const branches = await harbors(["--nodes", "4", "--version", "2.14.4"]);
for (const [pool, index, repository, tags] of [
  [masters, 0, "shop/cart", ["1.8.0", "1.9.0", "latest"]],
  [masters, 0, "shop/checkout", ["3.1", "latest"]],
  [masters, 1, "tools/lint", ["2", "2.4"]],
  [shared, 0, "build/base", ["22", "24"]],
  [branches, 0, "release/gateway", ["5.0", "5.1"]],
]) {
  for (const tag of tags) {
    await pool.ask("POST", `/nodes/${index}/images?${new URLSearchParams({ repository, tag })}`, `${repository}:${tag}`);
  }
}

const code = breakwater("user", "add", "demo", "--role", "administrator").split("\n").at(-1);
const token = breakwater("token", "create", "demo", "demo", "--role", "operator", "--days", "1");
const console_ = start("breakwater", ["serve", "--data-dir", folder, "--site", site, ...serveOptions]);
const [, address] = await says(console_, /^address: (\S+)$/m);
const chosen = await fetch(`${address}/fn/use-reset-code`, {
  method: "POST",
  headers: { origin: address },
  body: new URLSearchParams({ name: "demo", code, password: PASSWORD }),
});
if (!chosen.ok) throw new Error(`the password was refused: ${chosen.status} ${await chosen.text()}`);

const clusters = [
  ["Production", "dual-master", masters.urls, ["shanghai", "beijing"]],
  ["Build", "shared-storage", shared.urls, ["build-1", "build-2", "build-3"]],
  ["Branches", "tiered", branches.urls, ["hq", "guangzhou", "shenzhen", "zhuhai"]],
];
for (const [name, topology, urls, names] of clusters) {
  const upstream = (i) => (topology === "tiered" && i > 1 ? { upstream: "guangzhou" } : {});
  const file = {
    cluster: { name, topology, nodes: urls.map((address, i) => ({ name: names[i], address, ...upstream(i) })) },
    credentials: Object.fromEntries(names.map((n) => [n, { username: ADMIN.username, secret_env: "DEMO_SECRET", make_robot: true }])),
    probes: true,
    accept_warnings: "demo",
  };
  const path = join(folder, `${topology}.yaml`);
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(file));
  execFileSync(join(binaries, "breakwater"), ["cluster", "--server", address, "--token", token, "apply", "-f", path], {
    env: { ...process.env, DEMO_SECRET: ADMIN.secret },
    stdio: ["ignore", "ignore", "inherit"],
  });
  console.log(`adopted: ${name}`);
}
console.log(`\nOpen ${address}\nSign in as demo with the password: ${PASSWORD}\nAn outage comes every ${BETWEEN / 60_000} minutes. Ctrl-C ends it.`);

const outages = [
  [masters, 1, "refuse"],
  [shared, 1, "sick:jobservice"],
  [branches, 1, "hang"],
  [masters, 0, "sick:redis"],
  [shared, 2, "refuse"],
];
for (let turn = 0; ; turn++) {
  await new Promise((done) => setTimeout(done, BETWEEN - OUTAGE));
  const [pool, index, fault] = outages[turn % outages.length];
  await pool.ask("POST", `/nodes/${index}/faults/${fault}`);
  await new Promise((done) => setTimeout(done, OUTAGE));
  await pool.ask("DELETE", `/nodes/${index}/faults`);
}
