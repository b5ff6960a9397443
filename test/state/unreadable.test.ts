// A state directory that this process may not look into is no directory without runs: each command says whose it is.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { asOtherUser, isRoot, otherUser, otherUserSkip, takenAway } from "../../src/testing/other-user.ts";
import { type Cli, chain, createCli, type Ended } from "../cli/harness.ts";

let cli: Cli;
let stateDir: string;
let temporary: string;
beforeEach(async () => {
  cli = createCli();
  // The folder for temporary files may be ours alone.
  for (const folder of [dirname(cli.folder), cli.folder]) chmodSync(folder, statSync(folder).mode | 0o755);
  temporary = join(cli.folder, "tmp");
  mkdirSync(temporary);
  chmodSync(temporary, 0o777);
  stateDir = join(cli.folder, "parent", ".busbar");
  mkdirSync(join(cli.folder, "parent"));
  const service = await cli.serve("a", () => "done");
  cli.write("p.json", chain({ a: service.address }));
  const { code, stderr } = await cli.run(["run", "p.json", "--run-id", "r1", "--state-dir", stateDir]);
  assert.equal(code, 0, stderr);
});
afterEach(async () => {
  const all = spawnSync("chmod", ["-R", "u+rwX", cli.folder]);
  assert.equal(all.error, undefined);
  await cli.close();
});

/** As the user who may not. Its own folder for temporary files, since the one of this test may be ours alone. */
function run(args: readonly string[]): Promise<Ended> {
  return cli.startUnder(asOtherUser, args, { TMPDIR: temporary }).ended;
}

const LOOK = [["runs"], ["runs", "--json"], ["show", "r1"], ["events", "r1"], ["logs", "r1"]];
const ASK = [
  ["cancel", "r1"],
  ["resume", "r1"],
];
const RUN = [["run", "p.json"]];
/** All are tried on the first obstacle; on others, one of each way to open a state directory. */
const OF_EACH_WAY = [["runs"], ["logs", "r1"], ["cancel", "r1"], ...RUN];

interface Obstacle {
  readonly title: string;
  arise(): void;
  /** What each message says of it. */
  readonly why: RegExp;
  readonly commands: readonly (readonly string[])[];
}

const belongs = (what: string): RegExp =>
  new RegExp(
    `${what} belongs to user ${process.getuid?.()}, .*\\(mode 0\\d00\\), and this process runs as user ${otherUser}`,
  );

const OBSTACLES: readonly Obstacle[] = [
  {
    title: "another user's, of mode 0700",
    arise: () => chmodSync(stateDir, takenAway(0o700)),
    why: belongs("/parent/\\.busbar"),
    commands: [...LOOK, ...ASK, ...RUN],
  },
  {
    title: "below a folder that may not be entered",
    arise: () => chmodSync(join(cli.folder, "parent"), takenAway(0o700)),
    why: belongs("/parent"),
    commands: OF_EACH_WAY,
  },
  ...["/.busbar", ""].map(
    (below): Obstacle => ({
      title: `a link${below === "" ? " above it" : ""} to a folder that may not be entered`,
      arise() {
        const [target, link] = [join(cli.folder, "closed", "parent"), join(cli.folder, `parent${below}`)];
        mkdirSync(dirname(target));
        renameSync(link, target);
        symlinkSync(target, link);
        chmodSync(dirname(target), takenAway(0o700));
      },
      why: belongs("/closed"),
      commands: OF_EACH_WAY,
    }),
  ),
  {
    title: "one whose database may not be read",
    arise: () => chmodSync(join(stateDir, "journal.db"), takenAway(0o600)),
    why: belongs("/journal\\.db"),
    commands: [["runs"], ["show", "r1"]],
  },
  {
    title: "one whose locks may not be looked at",
    arise: () => chmodSync(join(stateDir, "owners"), takenAway(0o700)),
    why: belongs("/owners"),
    commands: [["runs"], ["show", "r1"], ...ASK],
  },
  {
    title: "a file",
    arise() {
      renameSync(stateDir, `${stateDir}.moved`);
      writeFileSync(stateDir, "");
    },
    why: /\.busbar is no directory/,
    commands: OF_EACH_WAY,
  },
  {
    title: "a link that leads to itself",
    arise() {
      rmSync(stateDir, { recursive: true });
      symlinkSync(stateDir, stateDir);
    },
    why: /its links lead in a circle/,
    commands: OF_EACH_WAY,
  },
  {
    title: "a link to a disk that is not there",
    arise() {
      rmSync(stateDir, { recursive: true });
      symlinkSync("/nowhere/at/all", stateDir);
    },
    why: /is a link to \/nowhere\/at\/all, which is not there/,
    commands: [["runs"], ["show", "r1"]],
  },
];

describe("a state directory that cannot be read", { skip: otherUserSkip() }, () => {
  for (const { title, arise, why, commands } of OBSTACLES) {
    it(`is told of by every command, with exit code 34: ${title}`, async () => {
      arise();
      const place = ["--state-dir", stateDir];
      for (const command of commands) {
        const { code, stdout, stderr } = await run([...command, ...place]);
        const said = `busbar ${command.join(" ")}: ${code} ${stdout}${stderr}`;
        assert.equal(code, 34, said);
        assert.match(stderr, /^JOURNAL_UN(?:READABLE|WRITABLE): /, said);
        assert.match(stderr, why, said);
        assert.match(stderr, /→ .*--state-dir/, said);
        assert.equal(stdout, "", said);
      }
      const { code, stdout } = await run(["doctor", ...place]);
      assert.equal(code, 31, stdout);
      assert.match(stdout, new RegExp(`✗ .*${why.source}`), stdout);
      assert.doesNotMatch(stdout, /no runs are recorded|is made by the first run|reads back as it was written/, stdout);
    });
  }

  it("is told of where only what containers wrote may not be read", async () => {
    const logs = join(stateDir, "run-logs");
    for (const spoil of [
      () => mkdirSync(logs, { mode: takenAway(0o700) }),
      () => {
        renameSync(logs, `${logs}.moved`);
        writeFileSync(logs, "");
      },
    ]) {
      spoil();
      const place = ["--state-dir", stateDir];
      const { code, stdout, stderr } = await run(["logs", "r1", ...place]);
      assert.equal(code, 34, stdout + stderr);
      assert.match(
        stderr,
        /JOURNAL_UNREADABLE: What the run has written in .* cannot be read: .*\/run-logs (?:belongs|is no)/,
      );
      assert.equal((await run(["runs", ...place])).code, 0);
    }
  });

  it("is found by doctor where only a folder of logs in it is another user's", async () => {
    if (isRoot) spawnSync("chown", ["-R", `${otherUser}`, stateDir]);
    const before = await run(["doctor", "--state-dir", stateDir]);
    assert.equal(before.code, 0, before.stdout);
    mkdirSync(join(stateDir, "run-logs"), { mode: takenAway(0o700) });
    const { code, stdout } = await run(["doctor", "--state-dir", stateDir]);
    assert.equal(code, 31, stdout);
    assert.match(stdout, belongs("/run-logs"));
  });

  it("is read where nothing keeps anybody from it, also by those who may not write", async () => {
    const { code, stdout, stderr } = await run(["runs", "--state-dir", stateDir]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /r1/);
  });
});
