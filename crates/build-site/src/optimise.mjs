// Makes WebAssembly files smaller, in place, as `wasm-opt -Oz` does. Usage: TOOL FILE...
//
// One program for all files: there are hundreds, and starting wasm-opt for each takes ten times as long as its work.
import { readFileSync, writeFileSync } from "node:fs";

const [tool, ...files] = process.argv.slice(1);
const { default: binaryen } = await import(tool);
const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt } = binaryen.Features;

binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
for (const file of files) {
  try {
    const module = binaryen.readBinary(readFileSync(file));
    // What the compiler used, and what every browser has that the console is for.
    module.setFeatures(module.getFeatures() | BulkMemory | BulkMemoryOpt | NontrappingFPToInt);
    module.optimize();
    writeFileSync(file, module.emitBinary());
    module.dispose();
  } catch (error) {
    console.error(`${file}:`, error);
    process.exit(1);
  }
}
