// What becomes of a command whose stdout or stderr cannot be written.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createRunLogs } from "../src/adapters/run-logs/run-logs.ts";
import { COMMAND_TABLE } from "../src/cli/command-table.ts";
import { createSteppingClock } from "../src/kernel/clock.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import { mountSkip, withSmallDisk } from "../src/testing/mounts.ts";
import { bin, type Cli, chain, createCli, jsonLines, nobodyDrives } from "./cli/harness.ts";

let cli: Cli;
before(async () => {
  cli = createCli();
  const { address } = await cli.serve("good", () => "fine");
  const bad = await cli.serve("bad", () => {
    throw new Error("no");
  });
  cli.write("good.json", chain({ a: address, b: address }));
  cli.write("bad.json", chain({ a: bad.address }));
  cli.write("invalid.json", { workflow_name: "x" });
  assert.equal((await cli.run(["run", "good.json", "--run-id", "r1"])).code, 0);
  assert.equal((await cli.run(["run", "bad.json", "--run-id", "failed"])).code, 1);
  const logs = createRunLogs({
    folder: join(cli.folder, ".busbar", "run-logs"),
    clock: createSteppingClock(),
    secrets: createSecrets(() => undefined),
    onTrouble: assert.ifError,
  });
  const log = logs.open("r1", { nodeId: "a", attempt: 1 });
  log.write("stdout", "hello\n");
  log.end();
});
after(async () => {
  await nobodyDrives(cli);
  await cli.close();
});

interface Result {
  readonly code: number | null;
  readonly stderr: string;
}

/** @param stdio stdout, and stderr: a pipe that is read, if it is left out */
async function runInto(args: readonly string[], stdio: { stdout: number; stderr?: number }): Promise<Result> {
  const { npm_command: _, CI: __, ...env } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: cli.folder,
    env,
    stdio: ["ignore", stdio.stdout, stdio.stderr ?? "pipe"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code, stderr };
}

async function withFile<T>(path: string, flags: string, action: (fd: number) => Promise<T>): Promise<T> {
  const fd = openSync(path, flags);
  try {
    return await action(fd);
  } finally {
    closeSync(fd);
  }
}

let count = 0;
/** A name that no other command of the test has. */
const fresh = (): string => {
  count += 1;
  return `x${count}`;
};

/** Every command that prints data, and how it ends where its stdout takes it. */
const COMMANDS: readonly { readonly args: () => readonly string[]; readonly code: number }[] = [
  { args: () => ["--version"], code: 0 },
  { args: () => ["--help"], code: 0 },
  { args: () => ["help", "run"], code: 0 },
  { args: () => ["logs", "--help"], code: 0 },
  { args: () => ["init", fresh()], code: 0 },
  { args: () => ["validate", "good.json"], code: 0 },
  { args: () => ["validate", "invalid.json"], code: 12 },
  { args: () => ["validate", "invalid.json", "--json"], code: 12 },
  { args: () => ["graph", "good.json"], code: 0 },
  { args: () => ["schema"], code: 0 },
  { args: () => ["proto"], code: 0 },
  { args: () => ["check", "good.json"], code: 0 },
  { args: () => ["check", "good.json", "--json"], code: 0 },
  { args: () => ["run", "good.json", "--json", "--run-id", fresh()], code: 0 },
  { args: () => ["run", "bad.json", "--json", "--run-id", fresh()], code: 1 },
  { args: () => ["resume", "failed", "--json"], code: 1 },
  { args: () => ["rerun", "failed", "--json", "--run-id", fresh()], code: 1 },
  { args: () => ["pause", "--help"], code: 0 },
  { args: () => ["unpause", "--help"], code: 0 },
  { args: () => ["cancel", "--help"], code: 0 },
  { args: () => ["prune", "--help"], code: 0 },
  { args: () => ["serve", "--help"], code: 0 },
  { args: () => ["worker", "--help"], code: 0 },
  { args: () => ["dummy-server", "--help"], code: 0 },
  { args: () => ["token", "create", "--role", "viewer"], code: 0 },
  { args: () => ["token", "list"], code: 0 },
  { args: () => ["run", "good.json", "--detach", "--run-id", fresh()], code: 0 },
  { args: () => ["runs"], code: 0 },
  { args: () => ["runs", "--json"], code: 0 },
  { args: () => ["show", "r1"], code: 0 },
  { args: () => ["show", "r1", "--json"], code: 0 },
  { args: () => ["explain", "r1"], code: 0 },
  { args: () => ["events", "r1"], code: 0 },
  { args: () => ["events", "r1", "--json"], code: 0 },
  { args: () => ["events", "r1", "--follow"], code: 0 },
  { args: () => ["watch", "r1", "--json"], code: 0 },
  { args: () => ["logs", "r1"], code: 0 },
  { args: () => ["logs", "r1", "--json", "--follow"], code: 0 },
  { args: () => ["doctor"], code: 0 },
];

/** What a stdout can be that takes nothing. Each command is tried on one, and a command of each way to print on all. */
const BAD: readonly {
  readonly name: string;
  readonly skip?: string | false;
  readonly with: <T>(action: (fd: number) => Promise<T>) => Promise<T>;
}[] = [
  {
    name: "a file that is open for reading only",
    with: (action) => withFile(join(cli.folder, "good.json"), "r", action),
  },
  {
    name: "a directory",
    skip: process.platform === "win32" && "Windows opens no directory",
    with: (action) => withFile(cli.folder, "r", action),
  },
  {
    name: "a full device",
    skip: !existsSync("/dev/full") && "/dev/full is a device of Linux",
    with: (action) => withFile("/dev/full", "w", action),
  },
];

const LOST = /^OUTPUT_LOST: stdout cannot be written: .*\(E[A-Z]+\)/gm;

function assertLost({ code, stderr }: Result, own: number, what: string): void {
  assert.equal(code, own === 0 ? 74 : own, `${what}\n${stderr}`);
  assert.equal(stderr.match(LOST)?.length, 1, `${what}\n${stderr}`);
  assert.doesNotMatch(stderr, /^ +at /m, what);
}

describe("stdout", () => {
  it("gets the data of every command", async () => {
    for (const { args, code } of COMMANDS) {
      const { code: ended, stdout, stderr } = await cli.run(args());
      assert.equal(ended, code, stderr);
      assert.notEqual(stdout, "", `${args().join(" ")}: nothing could be lost`);
      assert.doesNotMatch(stderr, LOST);
    }
    const tried = COMMANDS.map(({ args }) => args()[0]);
    for (const { name } of COMMAND_TABLE) assert.ok(tried.includes(name), `${name} is not tried`);
  });
});

/** At once, in pieces, while a run goes on, and as a process that ends for its own reason. */
const OF_EACH_WAY = ["--version", "schema", "run", "validate", "events"];

for (const [index, { name: bad, skip = false, with: withBad }] of BAD.entries()) {
  describe(`a stdout that is ${bad}`, { skip }, () => {
    for (const { args, code } of COMMANDS) {
      if (index > 0 && !OF_EACH_WAY.includes(args()[0] ?? "")) continue;
      const end = code === 0 ? "exits with 74" : `exits with ${code}, its own code`;
      it(`is said by busbar ${args().join(" ")}, which ${end}`, async () => {
        assertLost(await withBad((stdout) => runInto(args(), { stdout })), code, bad);
      });
    }
  });
}

describe("a stdout that cannot be written", () => {
  it("ends no run: its end is recorded, and it can be printed later", async () => {
    const [bad] = BAD;
    assert.ok(bad !== undefined);
    const result = await bad.with((stdout) => runInto(["run", "good.json", "--json", "--run-id", "lost"], { stdout }));
    assertLost(result, 0, bad.name);
    const { stdout } = await cli.run(["events", "lost", "--json"]);
    assert.equal(jsonLines(stdout).at(-1)?.type, "run.succeeded");
  });

  it("ends what only follows a run at once, while the run goes on", async () => {
    const { promise, resolve: release } = Promise.withResolvers<string>();
    const { address } = await cli.serve("slow", () => promise);
    cli.write("slow.json", chain({ a: address }));
    const running = cli.start(["run", "slow.json", "--run-id", "slow"]);
    await running.shows("a  started");
    for (const args of [
      ["events", "slow", "--follow"],
      ["events", "slow", "--follow", "--json"],
      ["watch", "slow", "--json"],
    ]) {
      for (const { skip = false, with: withBad, name } of BAD) {
        if (skip === false) assertLost(await withBad((stdout) => runInto(args, { stdout })), 0, name);
      }
    }
    assert.equal(running.child.exitCode, null);
    release("done");
    assert.equal((await running.ended).code, 0);
  });

  it("is a disk that takes a part only: what a short write leaves over is not dropped", {
    skip: mountSkip(),
  }, async () => {
    await withSmallDisk(join(cli.folder, "x"), 1, async (disk) => {
      const whole = (await cli.run(["schema"])).stdout;
      const page = 4096;
      for (const pages of [0, 1, 2, 6, 7, 8]) {
        writeFileSync(join(disk, "filler"), Buffer.alloc((256 - pages) * page));
        const file = join(disk, "schema");
        const result = await withFile(file, "w", (stdout) => runInto(["schema"], { stdout }));
        if (pages * page >= Buffer.byteLength(whole)) {
          assert.deepEqual(result, { code: 0, stderr: "" });
          assert.equal(readFileSync(file, "utf8"), whole);
        } else {
          assertLost(result, 0, `${pages} pages`);
          assert.equal(statSync(file).size, pages * page);
        }
      }
    });
  });

  it("is a file that has reached the limit of its size", { skip: process.platform === "win32" }, async () => {
    const limited = async (args: readonly string[]): Promise<Result> => {
      const script = 'ulimit -f 0; exec "$@" >"$0"';
      const child = spawn("sh", ["-c", script, "limited", process.execPath, bin, ...args], { cwd: cli.folder });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      const [code] = await once(child, "close");
      return { code, stderr };
    };
    for (const args of [["--version"], ["schema"], ["validate", "good.json"]])
      assertLost(await limited(args), 0, args.join(" "));
  });

  it("does not end a server, which says so with its exit code when it is stopped", {
    skip: process.platform === "win32",
  }, async () => {
    const wrong = openSync(join(cli.folder, "good.json"), "r");
    const child = spawn(process.execPath, [bin, "dummy-server", "--port", "0"], { stdio: ["ignore", wrong, "pipe"] });
    closeSync(wrong);
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      child.emit("said");
    });
    while (!stderr.includes("OUTPUT_LOST")) await once(child, "said");
    assert.equal(child.exitCode, null);
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    assertLost({ code, stderr }, 0, "dummy-server");
  });

  it("is not a reader that has gone, of which nothing is said", async () => {
    for (const { args, code } of COMMANDS) {
      const running = cli.start(args());
      running.child.stdout.destroy();
      const ended = await running.ended;
      assert.equal(ended.code, code, ended.stderr);
      assert.doesNotMatch(ended.stderr, /OUTPUT_LOST|EPIPE/);
    }
  });
});

describe("a stderr that cannot be written", () => {
  it("changes nothing else: neither what is on stdout nor the exit code", async () => {
    mkdirSync(join(cli.folder, "out"));
    for (const { skip = false, with: withBad, name } of BAD) {
      if (skip !== false) continue;
      const commands: readonly (readonly [args: readonly string[], code: number])[] = [
        [["nonsense"], 2],
        [["validate", "invalid.json"], 12],
        [["run", "bad.json"], 1],
        [["run", "good.json", "--json"], 0],
        [["run", "good.json", "--log-format", "json"], 0],
        [["show", "nobody"], 2],
      ];
      for (const [args, code] of commands) {
        const file = join(cli.folder, "out", "stdout");
        const result = await withFile(file, "w", (stdout) => withBad((stderr) => runInto(args, { stdout, stderr })));
        assert.equal(result.code, code, `${name}: ${args.join(" ")}`);
        if (code === 0 && args.includes("--json")) {
          assert.equal(jsonLines(readFileSync(file, "utf8")).at(-1)?.type, "run.succeeded");
        }
      }
      const both = await withBad((stdout) => withBad((stderr) => runInto(["--version"], { stdout, stderr })));
      assert.equal(both.code, 74, name);
    }
  });
});
