// What README.md and the guides tell a reader to type, typed in their order in a fresh clone: it installs and builds
// itself. Commands end with 0 where nothing is said of what they print; otherwise they print what is said.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { requireCompose, requireDocker } from "../../src/testing/docker/engine.ts";
import { type BaseImage, ensureBaseImage } from "../../src/testing/docker/rootfs.ts";
import { makeClone } from "../clone.ts";
import { type Block, readBlocks, type Step } from "./blocks.ts";
import { findDifference, findRunId } from "./compare.ts";
import { listDocuments } from "./documents.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The first of them installs and builds: 15 s, and minutes on a machine that has much else to do. */
const TIMEOUT_MS = 400_000;
const START_MS = 60_000;
/** Of the services, in README.md and in the compose file. */
const PORTS = [50051, 50052, 50053];

/** What is typed makes images of the names that people use: not on an engine that nobody has named for it. */
const noDocker =
  process.env.DOCKER_HOST === undefined ? "DOCKER_HOST names no engine" : requireDocker().skip || requireCompose().skip;

let folder = "";
let clone = "";
let env: NodeJS.ProcessEnv;
let base: BaseImage | undefined;

before(async () => {
  for (const port of PORTS) assert.equal(await isTaken(port), false, `port ${port} is taken: end what listens there`);
  folder = mkdtempSync(join(tmpdir(), "busbar-docs-"));
  clone = join(folder, "busbar");
  makeClone(clone);
  env = environmentOfReader();
  if (noDocker === false) base = await ensureBaseImage();
});
after(() => {
  base?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Of somebody who has installed nothing of this, with npm's cache: no variable of the npm that runs this test. */
function environmentOfReader(): NodeJS.ProcessEnv {
  const kept = ["npm_config_cache", "npm_config_registry"];
  const own = Object.entries(process.env).filter(
    ([name]) => kept.includes(name) || !/^(?:npm_|NODE|BUSBAR_|CI$|INIT_CWD$|TMPDIR$)/.test(name),
  );
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const programs = {
    // As an installed package has it.
    busbar: `#!/bin/sh\nexec "${clone}/node_modules/.bin/node" "${clone}/dist/busbar.mjs" "$@"\n`,
    // Never the real one: it would ask a cluster.
    kubectl: readFileSync(join(root, "test", "docs", "kubectl.sh"), "utf8"),
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const path = (process.env.PATH ?? "").split(delimiter).filter((one) => !one.includes("node_modules"));
  return { ...Object.fromEntries(own), PATH: [bin, ...path].join(delimiter), npm_config_prefer_offline: "true" };
}

for (const document of listDocuments()) {
  const blocks = readBlocks(document, readFileSync(join(root, document), "utf8"));
  if (blocks.length === 0) continue;
  describe(document, {
    concurrency: false,
    skip: process.platform === "win32" && "its commands are those of a shell",
  }, () => {
    let terminal: Terminal;
    const others: Terminal[] = [];
    /** RUN in a command is the last run that was shown. */
    let run = "RUN";
    before(() => {
      terminal = openTerminal(clone, env);
    });
    after(() => {
      for (const one of [terminal, ...others]) one.close();
      if (noDocker === false) removeContainers();
    });

    async function follow({ directives, steps }: Block): Promise<void> {
      const kinds = directives.map(({ kind }) => kind);
      if (kinds.includes("after Ctrl-C")) await Promise.all(others.splice(0).map((one) => one.interrupt()));
      if (kinds.includes("other terminal")) {
        const other = openTerminal(clone, env);
        others.push(other);
        // The last one stays; what a reader has done before it has ended.
        for (const { command } of steps.slice(0, -1)) {
          const { code, lines } = await other.type(command, TIMEOUT_MS);
          assert.equal(code, 0, `$ ${command}\n${lines.join("\n")}`);
        }
        for (const step of steps.slice(-1)) {
          await other.start(step.command, (lines) => isPrinted(step, lines), START_MS);
        }
        return;
      }
      for (const { command, printed } of steps) {
        const typed = await terminal.type(command.replaceAll(/\bRUN\b/g, run), TIMEOUT_MS);
        run = findRunId(typed.lines.join("\n")) ?? run;
        const wrong =
          printed === undefined
            ? typed.code === 0
              ? undefined
              : `it ended with ${typed.code}`
            : findDifference(printed, typed.lines);
        assert.equal(wrong, undefined, `$ ${command}\n${typed.lines.join("\n")}\n${wrong}`);
      }
    }

    for (const block of blocks) {
      const elsewhere = block.directives.find((one) => one.kind === "see");
      if (elsewhere !== undefined) continue; // test/docs.test.ts looks whether it is there
      const skip = block.directives.some(({ kind }) => kind === "needs docker") && noDocker;
      it(`can be followed: ${block.place}`, { skip }, () => follow(block));
    }
  });
}

describe("a clone in which somebody has typed npm ci", {
  skip: process.platform === "win32" && "it is a shell of POSIX",
}, () => {
  it("needs no registry for npm run …, and has the command", async () => {
    const terminal = openTerminal(clone, env);
    try {
      const installed = await terminal.type("rm -rf node_modules dist && npm ci --loglevel=error", TIMEOUT_MS);
      assert.equal(installed.code, 0, installed.lines.join("\n"));
      const offline = { ...env, npm_config_registry: "http://127.0.0.1:9", npm_config_prefer_offline: "false" };
      const alone = openTerminal(clone, offline);
      try {
        assert.deepEqual(await alone.type("npm run --silent ensure", TIMEOUT_MS), { code: 0, lines: [] });
        const { lines } = await alone.type("npx busbar --version", TIMEOUT_MS);
        assert.deepEqual(lines, [JSON.parse(readFileSync(join(clone, "package.json"), "utf8")).version]);
      } finally {
        alone.close();
      }
    } finally {
      terminal.close();
    }
  });
});

function isPrinted({ printed = [] }: Step, lines: readonly string[]): boolean {
  return findDifference([...printed, "…"], lines) === undefined;
}

/** What `docker compose up` of the compose file has left. */
function removeContainers(): void {
  const cwd = join(clone, "deploy", "compose");
  if (!existsSync(cwd)) return;
  spawnSync("docker", ["compose", "--profile", "run", "down", "--volumes", "--timeout", "1"], { cwd, env });
}

async function isTaken(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
