// The product without a Harbor: simulated Harbors, a console that is set up already, and an outage every few
// minutes. Usage: node demo.mjs FOLDER_WITH_BINARIES FOLDER_WITH_SITE [serve options…]
import { PASSWORD, PERSON, World, pause, threeClusters } from "./world.mjs";

/** Time between two outages, and how long one lasts, milliseconds. */
const [BETWEEN, OUTAGE] = [180_000, 45_000];

const [binaries, site, ...serveOptions] = process.argv.slice(2);
const world = new World(binaries, site);
const { masters, shared, branches } = await threeClusters(world);
await world.begin(...serveOptions);
for (const { name, topology, urls, names } of [masters, shared, branches]) {
  world.adopt(name, topology, urls, names);
  console.log(`adopted: ${name}`);
}
const status = await world.statusPage("Registry status", "demo", [masters.name, shared.name, branches.name]);
console.log(`
Open ${world.address}
Sign in as ${PERSON} with the password: ${PASSWORD}
What colleagues see who do not sign in: ${world.address}${status}
An outage comes every ${BETWEEN / 60_000} minutes. Ctrl-C ends it.`);

const outages = [
  [masters, 1, "refuse"],
  [shared, 1, "sick:jobservice"],
  [branches, 1, "hang"],
  [masters, 0, "sick:redis"],
  [shared, 2, "refuse"],
];
for (let turn = 0; ; turn++) {
  await pause(BETWEEN - OUTAGE);
  const [pool, index, fault] = outages[turn % outages.length];
  await pool.ask("POST", `/nodes/${index}/faults/${fault}`);
  await pause(OUTAGE);
  await pool.ask("DELETE", `/nodes/${index}/faults`);
}
