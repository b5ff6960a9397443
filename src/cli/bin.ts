#!/usr/bin/env node
// The first file of the command `busbar`. Any Node from 18 on can parse it and is told in one line what is wrong;
// `--version` is answered before anything else is loaded.
import { COMMAND_TABLE, type CommandGroup } from "./command-table.ts";
import { createSink } from "./sink.ts";

const VERSION = "0.1.0"; // equals package.json: test/cli-build.test.ts
const argv = process.argv.slice(2);

/** Never throws: a stderr that cannot be written must not hide the exit code. */
function complain(line: string): void {
  createSink(process.stderr, () => undefined).write(`${line}\n`);
}

/** The build makes one file of each group (docs/adr, "command line"): what `run` needs must not cost `--help` anything. */
const LOAD_GROUP: {
  readonly [group in CommandGroup]: () => Promise<{
    main(argv: readonly string[]): Promise<void>;
    /** Where the build has made a file of the group: so that it loads faster the next time (code-cache.ts). */
    keepCompiled?(): void;
  }>;
} = {
  control: () => import("./groups/control.ts"),
  drive: () => import("./groups/drive.ts"),
  files: () => import("./groups/files.ts"),
  look: () => import("./groups/look.ts"),
  serve: () => import("./groups/serve.ts"),
  server: () => import("./groups/server.ts"),
  worker: () => import("./groups/worker.ts"),
};

if (argv[0] === "--version" || argv[0] === "-V") {
  const reportLoss = (why: string): void => {
    complain(`OUTPUT_LOST: stdout cannot be written: ${why}. Free the disk, or send stdout elsewhere.`);
    process.exitCode = 74;
  };
  createSink(process.stdout, reportLoss).write(`${VERSION}\n`);
} else if (Number(process.versions.node.split(".")[0]) < 24) {
  complain(
    `NODE_TOO_OLD: busbar ${VERSION} needs Node.js 24 or newer, this is ${process.versions.node}. Install Node.js 24.`,
  );
  process.exitCode = 2;
} else {
  process.getBuiltinModule("node:module").enableCompileCache();
  const words = argv[0] === "help" && argv[1] !== undefined ? [argv[1], "--help"] : argv;
  // Help and words that are no command are answered by the group that loads fastest.
  const group = COMMAND_TABLE.find(({ name }) => name === words[0])?.group ?? "files";
  try {
    const { main, keepCompiled } = await LOAD_GROUP[group]();
    await main(words);
    if (process.exitCode === undefined || process.exitCode === 0) keepCompiled?.();
    // All is written and closed. To let Node take itself apart, piece by piece, would cost every command 3 ms.
    process.exit();
  } catch (thrown) {
    // A command says itself what went wrong (dispatch.ts); what arrives here kept it from being loaded.
    complain(
      `INTERNAL: busbar ${VERSION} cannot be started. Install it again; if that does not help, report this:\n${thrown instanceof Error ? thrown.stack : thrown}`,
    );
    process.exitCode = 70;
  }
}
