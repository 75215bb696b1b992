// The figures that the console promises. Usage: node bench.mjs FOLDER_WITH_RELEASE_BINARIES FOLDER_WITH_SITE [WHAT]
// With `ledger` only those of comparing and healing, with `outage` only that of an outage; with `million` only the memory
// of comparing 2 × 1 000 000 artifacts, which takes minutes and is in no other run; with `pages` only status pages,
// with `idle` only the start and the idle memory.
// Needs a quiet machine, and room for 20 000 open files.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { World, pause } from "./world.mjs";

const [binaries, site, only] = process.argv.slice(2);
const world = new World(binaries, site);
const report = (what, figure, goal) => console.log(`${what.padEnd(58)} ${figure.padEnd(34)} goal ${goal}`);

const said = (text, what) => new RegExp(`^${what} (.+)$`, "m").exec(text)[1];

const resident = (child) => {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]);
};

async function sizes() {
  const lines = execFileSync(join(binaries, "../debug/build-site"), ["check-size", "--out", site], { encoding: "utf8" });
  const rows = [...lines.matchAll(/^ *([\d ]+\d) {2,}[\d ]+\d {2,}([\d ]+\d) {2,}[\d ]+\d {2,}(\S+)$/gm)];
  const brotli = ([, , size]) => Number(size.replaceAll(" ", ""));
  const main = rows.find(([, , , file]) => file.startsWith("breakwater"));
  const parts = rows.filter((row) => row !== main);
  report("main WebAssembly file, brotli", `${brotli(main)} bytes`, "≤ 260 000 bytes");
  report("largest other file", `${Math.max(...parts.map(brotli))} bytes of ${parts.length}`, "≤ 60 000 bytes");
}

async function idle() {
  const harbors = await world.harbors("--nodes", "2");
  await world.begin("--listen", "127.0.0.1:0");
  world.adopt("Production", "dual-master", harbors.urls, ["shanghai", "beijing"]);
  const starts = [];
  for (let turn = 0; turn < 10; turn++) {
    await world.stop(world.console);
    const began = performance.now();
    const child = world.start("breakwater", ["serve", "--data-dir", world.folder, "--site", site, "--listen", "127.0.0.1:0"]);
    await new Promise((done) => child.stdout.once("data", done));
    starts.push(performance.now() - began);
    [, world.address] = await world.says(child, /^address: (\S+)$/m);
    world.console = child;
  }
  starts.sort((a, b) => a - b);
  report("process start to listening, two nodes kept", `${starts[5].toFixed(0)} ms (median of 10)`, "≤ 60 ms");
  await pause(60_000);
  report("idle memory with two nodes, after a minute", `${(resident(world.console) / 1024).toFixed(1)} MB`, "≤ 25 MB");
  report("of the functions laid side by side for it, still there", laidTogether(), "nearly all; else: make order");
  return harbors;
}

function laidTogether() {
  const listed = readFileSync(new URL("../../server/idle.order", import.meta.url), "utf8").trim().split("\n");
  const options = { encoding: "utf8", maxBuffer: 2 ** 28 };
  const lines = execFileSync("nm", [join(binaries, "breakwater")], options).split("\n");
  const there = new Set(lines.map((line) => line.slice(line.lastIndexOf(" ") + 1)));
  return `${listed.filter((name) => there.has(name)).length} of ${listed.length}`;
}

async function viewers(harbors, count, goal) {
  const before = resident(world.console);
  const child = world.start("examples/viewers", [new URL(world.address).host, world.token, String(count)]);
  child.removeAllListeners("exit");
  await world.says(child, /^ready/m, 120);
  await pause(5_000);
  const each = (resident(world.console) - before) / count;
  await harbors.ask("POST", "/nodes/1/faults/refuse");
  const [, figure] = await world.says(child, /^told (.+)$/m, 130);
  report("node found down → event at every viewer", figure, goal);
  if (count >= 1000) report("memory for each viewer", `${each.toFixed(1)} KB`, "≤ 24 KB");
  await harbors.ask("DELETE", "/nodes/1/faults");
  // Until it is back on the board, so that it can go again.
  await pause(15_000);
}

async function pages(harbors) {
  await world.statusPage("Bench", "bench", ["Production"]);
  const link = await world.link();
  const host = new URL(world.address).host;
  let bytes = 0;
  for (const path of ["/status/bench/", "/favicon.svg"]) bytes += await loaded(path);
  const html = await (await fetch(`${world.address}/status/bench/`)).text();
  for (const [, path] of html.matchAll(/"(\/status\/-\/[^"]+)"/g)) bytes += await loaded(path);
  report("status page: everything a first visit loads, brotli", `${bytes} bytes`, "≤ 40 960 bytes");
  const load = execFileSync(join(binaries, "examples", "load"), [host, "/status/bench/", "10", "64"], { encoding: "utf8" });
  report("status page: answered, the load on the same cores", said(load, "answered"), "≥ 40 000 requests/s");
  const render = execFileSync(join(binaries, "examples", "render"), { encoding: "utf8" });
  report("status page: put together and rendered each time", said(render, "rendered"), "≥ 8 000/s");
  report("… and compressed each time", said(render, "compressed"), "none");

  const count = 10_000;
  const before = resident(world.console);
  const child = world.start("examples/viewers", [host, world.token, String(count), `${link.path}live`]);
  child.removeAllListeners("exit");
  await world.says(child, /^ready/m, 120);
  await pause(5_000);
  const each = (resident(world.console) - before) / count;
  await harbors.ask("POST", "/nodes/1/faults/refuse");
  const [, figure] = await world.says(child, /^told (.+)$/m, 130);
  report("board says that a node is away → open status pages", figure, "≤ 500 ms");
  report("memory for each open status page", `${each.toFixed(1)} KB`, "≤ 24 KB");
  const began = performance.now();
  await link.revoke();
  const [, ended] = await world.says(child, /^ended (\d+)$/m, 130);
  report(`link revoked → ${ended} streams closed`, `${(performance.now() - began).toFixed(0)} ms`, "≤ 1 000 ms");
  await harbors.ask("DELETE", "/nodes/1/faults");
}

async function loaded(path) {
  const answer = execFileSync("curl", ["-s", "-H", "Accept-Encoding: br", `${world.address}${path}`], { maxBuffer: 1 << 24 });
  return answer.length;
}

async function many() {
  await world.stop(world.console);
  const harbors = await world.harbors("--nodes", "1000");
  const child = world.start("examples/many", ["30"], "pipe");
  child.removeAllListeners("exit");
  child.stdin.end(`${harbors.urls.join("\n")}\n\n`);
  const [, up] = await world.says(child, /^nodes 1000 up (\d+)$/m, 90);
  const [, processor] = await world.says(child, /^processor (.+)$/m);
  const [, memory] = await world.says(child, /^memory (.+)$/m);
  report(`1 000 nodes polled every 5 s, ${up} up: processor`, processor, "≤ 15 % of a core");
  report("1 000 nodes polled every 5 s: memory", memory, "≤ 150 MB");
}

async function ledger() {
  const run = (name, input = "") => execFileSync(join(binaries, "examples", name), { input, encoding: "utf8" });
  const judge = run("judge");
  report("judging a million tags, one core", said(judge, "quiet"), "≥ 5 million/s");
  report("the same where an audit log names the repository", said(judge, "named"), "≥ 5 million/s");

  const harbors = await world.harbors("--nodes", "2");
  for (const node of [0, 1]) await harbors.ask("POST", `/nodes/${node}/fill?artifacts=100000`);
  const compare = run("compare", harbors.urls.join("\n"));
  report("comparing 2 × 100 000 artifacts: requests", said(compare, "requests"), "≤ 200 to each node");
  report("… time against a bare client", said(compare, "time"), "≤ 1.25 times");
  report("… processor time against a bare client", said(compare, "processor"), "none");
  report("… memory at most", said(compare, "memory"), "none");
  for (const [, changes, figure, goal] of compare.matchAll(/^again after (\d+): (.+) of (\d+)$/gm)) {
    report(`looking again after ${changes} changes: requests`, figure, `≤ ${goal} to each node`);
  }
  report("base kept for each tag (of 3 letters), in the SQLite file", said(compare, "base"), "≤ 60 bytes");
  await world.stop(harbors.child);

  const pages = run("pages");
  for (const [, filter, figure] of pages.matchAll(/^page (.+): (.+)$/gm)) {
    report(`page of 100 out of a million differences, ${filter}`, figure, "99 % ≤ 50 ms");
  }
  report("totals of a million differences", said(pages, "totals"), "none");
}

/** One call to a simulated Harbor's own interface, as its administrator. */
async function harbor(url, method, path, body) {
  const headers = { authorization: `Basic ${btoa("admin:Harbor12345")}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/api/v2.0${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

async function until(what, seconds, fits) {
  const end = performance.now() + seconds * 1000;
  while (!(await fits())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(25);
  }
}

const IMAGES = 1_000;
const REPOSITORIES = 50;

async function pushes(harbors) {
  for (let n = 0; n < IMAGES; n++) await harbors.push(0, `shop/app-${n % REPOSITORIES}`, `v${n}`);
}

/** The time that a Harbor's own run of the rule takes to bring 1 000 images to the other, milliseconds. */
async function ownRun() {
  const harbors = await world.harbors("--nodes", "2");
  world.adopt("Alone", "dual-master", harbors.urls, ["c", "d"], { replication: { at_once: false } });
  await asked("PUT", `/pairs/${(await onlyPair("Alone")).id}/policy`, { policy: "off" });
  await pushes(harbors);
  const [url] = harbors.urls;
  const [rule] = await (await harbor(url, "GET", "/replication/policies")).json();
  const began = performance.now();
  const started = await harbor(url, "POST", "/replication/executions", { policy_id: rule.id });
  const execution = started.headers.get("location").split("/").at(-1);
  await until("the rule's own run", 600, async () => {
    const run = await (await harbor(url, "GET", `/replication/executions/${execution}`)).json();
    if (run.failed > 0) throw new Error(`the rule's own run failed: ${JSON.stringify(run)}`);
    return run.total > 0 && run.succeed === run.total;
  });
  const took = performance.now() - began;
  await world.stop(harbors.child);
  return took;
}

async function asked(method, path, body) {
  const headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" };
  const answer = await fetch(`${world.address}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const onlyPair = async (cluster) => (await asked("GET", "/pairs")).find((pair) => pair.cluster_name === cluster);

async function outage() {
  world.anew();
  await world.begin("--listen", "127.0.0.1:0");
  const own = await ownRun();
  const harbors = await world.harbors("--nodes", "2");
  world.adopt("Outage", "dual-master", harbors.urls, ["a", "b"], { replication: { at_once: false } });
  const { id } = await onlyPair("Outage");
  await asked("PUT", `/pairs/${id}/policy`, { policy: "all" });
  await until("the first comparison", 60, async () => (await onlyPair("Outage")).read_ms);
  await harbors.ask("POST", "/nodes/1/faults/refuse");
  await until("b is away", 60, async () => (await onlyPair("Outage")).error);
  await pushes(harbors);
  const began = performance.now();
  await harbors.ask("DELETE", "/nodes/1/faults");
  await until("b is equal again", 600, async () => {
    const pair = await onlyPair("Outage");
    return pair.equal >= IMAGES && pair.totals.length === 0 && !pair.healing;
  });
  const took = performance.now() - began;
  const figure = `${(took / 1000).toFixed(1)} s against ${(own / 1000).toFixed(1)} s`;
  report(`an outage of ${IMAGES} images ends → equal, verified`, figure, "≤ 1.10 × the rule's own run + one poll (5 s)");
}

async function million() {
  for (const artifacts of [100_000, 1_000_000]) {
    const harbors = await world.harbors("--nodes", "2");
    for (const node of [0, 1]) {
      await harbors.ask("POST", `/nodes/${node}/fill?artifacts=${artifacts}&repositories=${artifacts / 50}`);
    }
    const input = harbors.urls.join("\n");
    const compare = execFileSync(join(binaries, "examples", "compare"), ["memory"], { input, encoding: "utf8" });
    report(`comparing 2 × ${artifacts} artifacts: memory at most`, /^memory (.+)$/m.exec(compare)[1], "≤ 128 MB above idle");
    await world.stop(harbors.child);
  }
}

if (only === "million") {
  await million();
  world.end(0);
}
if (only === "idle") {
  await idle();
  world.end(0);
}
if (only === "outage") {
  await outage();
  world.end(0);
}
if (only === "pages") {
  const harbors = await world.harbors("--nodes", "2");
  await world.begin("--listen", "127.0.0.1:0");
  world.adopt("Production", "dual-master", harbors.urls, ["shanghai", "beijing"]);
  await pages(harbors);
  world.end(0);
}
if (only !== "ledger") {
  await sizes();
  const harbors = await idle();
  await viewers(harbors, 10, "≤ 250 ms");
  await viewers(harbors, 10_000, "≤ 1 000 ms");
  await pages(harbors);
  await many();
}
await ledger();
await outage();
world.end(0);
