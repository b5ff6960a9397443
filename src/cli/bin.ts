#!/usr/bin/env node
// The first file of the command `busbar`. Any Node from 18 on can parse it and is told in one line what is wrong;
// `--version` is answered before anything else is loaded.
import module from "node:module";

const VERSION = "0.1.0"; // equals package.json: test/cli-bin.test.ts
const argv = process.argv.slice(2);

if (argv[0] === "--version" || argv[0] === "-V") {
  process.stdout.write(`${VERSION}\n`);
} else if (Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(
    `NODE_TOO_OLD: busbar ${VERSION} needs Node.js 24 or newer, this is ${process.versions.node}. Install Node.js 24.\n`,
  );
  process.exitCode = 2;
} else {
  // A default import: the name does not exist in older versions, and a named one would fail before the line above.
  module.enableCompileCache?.();
  const drives = argv[0] === "run" || argv[0] === "resume";
  const { main } = drives ? await import("./main-drive.ts") : await import("./main.ts");
  await main(argv, VERSION);
}
