#!/usr/bin/env node
// The first file of the command `busbar`. Any Node from 18 on can parse it and is told in one line what is wrong;
// `--version` is answered before anything else is loaded.
const VERSION = "0.1.0"; // equals package.json: test/cli-build.test.ts
const argv = process.argv.slice(2);

if (argv[0] === "--version" || argv[0] === "-V") {
  process.stdout.write(`${VERSION}\n`);
} else if (Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(
    `NODE_TOO_OLD: busbar ${VERSION} needs Node.js 24 or newer, this is ${process.versions.node}. Install Node.js 24.\n`,
  );
  process.exitCode = 2;
} else {
  process.getBuiltinModule("node:module").enableCompileCache();
  const words = argv[0] === "help" && argv[1] !== undefined ? [argv[1], "--help"] : argv;
  const { main } = await loadGroup(words[0]);
  await main(words);
}

/** The build makes one file of each group (docs/adr, "command line"): what `run` needs must not cost `--help` anything. */
function loadGroup(command: string | undefined) {
  switch (command) {
    case "run":
    case "resume":
      return import("./groups/drive.ts");
    case "check":
    case "cancel":
      return import("./groups/control.ts");
    case "runs":
    case "show":
    case "events":
    case "logs":
    case "doctor":
      return import("./groups/look.ts");
    case "dummy-server":
      return import("./groups/serve.ts");
    default:
      return import("./groups/files.ts");
  }
}
