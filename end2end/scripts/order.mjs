// Writes the names of all functions that run while nobody looks at the console, one a line: the linker lays them side
// by side. Usage: node order.mjs FOLDER_WITH_RELEASE_BINARIES FOLDER_WITH_SITE FILE
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { World, pause } from "./world.mjs";

/** Long enough under valgrind for everything that comes round each minute. */
const WATCHED_MS = 180_000;

const [binaries, site, file] = process.argv.slice(2);
const world = new World(binaries, site);
const plain = await world.harbors("--nodes", "2");
const secured = await world.harbors("--nodes", "2", "--tls", "self-signed");
await world.begin("--listen", "127.0.0.1:0");
const masters = ["shanghai", "beijing"];
world.adopt("Plain", "dual-master", plain.urls, masters);
world.adopt("Secured", "dual-master", secured.urls, masters, {
  nodes: secured.urls.map((address, i) => ({ name: masters[i], address, tls: { mode: "off" } })),
});
await world.stop(world.console);

const seen = join(world.folder, "callgrind.out");
const program = join(binaries, "breakwater");
const options = ["--tool=callgrind", "--demangle=no", `--callgrind-out-file=${seen}`];
const serve = ["serve", "--data-dir", world.folder, "--site", site, "--listen", "127.0.0.1:0"];
const watched = spawn("valgrind", [...options, program, ...serve], { stdio: "ignore" });
world.children.push(watched);
watched.on("exit", () => world.end(1));
console.log(`watching the idle console for ${WATCHED_MS / 60_000} minutes`);
await pause(WATCHED_MS);
await world.stop(watched);

const names = functions(readFileSync(seen, "utf8"), program);
writeFileSync(file, names.join("\n") + "\n");
console.log(`${names.length} functions`);
world.end(0);

/** The functions of one program in what callgrind wrote; a name stands only where it is first met, with a number. */
function functions(text, program) {
  const known = { ob: new Map(), fn: new Map() };
  const names = new Set();
  let within;
  for (const [, called, kind, number, first] of text.matchAll(/^(c?)(ob|fn)=\((\d+)\)(?: (.+))?$/gm)) {
    if (first) known[kind].set(number, first);
    if (called) continue;
    const name = known[kind].get(number);
    if (kind === "ob") within = name;
    // A recursive call is written with its depth behind it.
    else if (within === program) names.add(name.replace(/'\d+$/, ""));
  }
  // Where there is no name, callgrind writes the address.
  return [...names].filter((name) => /^[A-Za-z_]/.test(name)).sort();
}
