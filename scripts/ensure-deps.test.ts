// What `npm run …` does before anything else: a stand-in for npm tells how often it was asked, and fails when it is told to.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isRoot, otherUser, otherUserSkip } from "../src/testing/other-user.ts";
import { until } from "../src/testing/until.ts";

const script = fileURLToPath(new URL("ensure-deps.mjs", import.meta.url));
const NODE = process.platform === "win32" ? "node.exe" : "node";
const OTHER_SYSTEM = process.platform === "linux" ? "darwin" : "linux";

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly optional?: true;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}
const LOCKED: { readonly [path: string]: Locked } = {
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/a/node_modules/@s/b": { version: "2.0.0" },
  "node_modules/native-here": { version: "1.0.0", optional: true, os: [process.platform], cpu: [process.arch] },
  "node_modules/native-not-elsewhere": { version: "1.0.0", optional: true, os: [`!${OTHER_SYSTEM}`] },
  "node_modules/node": { version: "24.0.0" },
};
const ELSEWHERE: { readonly [path: string]: Locked } = {
  "node_modules/native-there": { version: "1.0.0", optional: true, os: [OTHER_SYSTEM], cpu: [process.arch] },
  "node_modules/native-not-here": { version: "1.0.0", optional: true, os: [`!${process.platform}`] },
  "node_modules/native-of-both": { version: "1.0.0", optional: true, cpu: ["none"] },
  "node_modules/needed-by-native-there": { version: "1.0.0", optional: true },
};

/**
 * Installs what FAKE_PACKAGES says. FAKE_MODE: "fail" ends as without a network, half-way; "hang" never ends, half-way.
 * Each call of `ci` is a line of FAKE_LOG, its pid.
 */
const FAKE_NPM = `
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
if (process.argv[2] !== "ci") process.exit(0);
appendFileSync(process.env.FAKE_LOG, process.pid + "\\n");
const packages = JSON.parse(process.env.FAKE_PACKAGES);
const put = (path, text) => { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); };
for (const [path, { version }] of Object.entries(packages)) {
  put(join(path, "package.json"), JSON.stringify({ name: path.split("node_modules/").at(-1), version }));
  if (path === "node_modules/node") put(join(path, "bin", "${NODE}"), "");
  if (process.env.FAKE_MODE === "fail") { console.error("npm error ENOTFOUND"); process.exit(7); }
  if (process.env.FAKE_MODE === "hang") { setInterval(() => {}, 1000); return; }
}
setTimeout(() => put("node_modules/.package-lock.json", JSON.stringify({ packages })), 100);
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-ensure-"));
  put("fake-npm.cjs", FAKE_NPM);
  put("package.json", JSON.stringify({ name: "p", version: "1.0.0", scripts: { prepare: "exit 1" } }));
  lock({ ...LOCKED, ...ELSEWHERE });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
function lock(packages: { readonly [path: string]: Locked }): void {
  put("package-lock.json", JSON.stringify({ lockfileVersion: 3, packages: { "": { name: "p" }, ...packages } }));
}
function start(mode = "", packages: { readonly [path: string]: Locked } = LOCKED) {
  const env = {
    ...process.env,
    npm_execpath: join(folder, "fake-npm.cjs"),
    FAKE_LOG: join(folder, "calls"),
    FAKE_MODE: mode,
    FAKE_PACKAGES: JSON.stringify(packages),
  };
  return spawn(process.execPath, [script, folder], { env, stdio: ["ignore", "ignore", "pipe"] });
}
async function ensure(mode?: string, packages?: { readonly [path: string]: Locked }) {
  const child = start(mode, packages);
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code, err };
}
const callers = (): readonly number[] => {
  const path = join(folder, "calls");
  // Of a line that is being written nothing, or half of it, may be there.
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1).map(Number) : [];
};
const calls = (): number => callers().length;
const modules = (): readonly string[] =>
  readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" }).sort();
const leavesNothing = (): void => assert.equal(existsSync(join(folder, ".install-lock")), false);

describe("the scripts of npm", () => {
  it("run what the Node of the system can, as long as it may be that one: a shell does not look for `node` twice", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const before = Object.entries<string>(scripts).filter(([, line]) => line.includes("ensure-deps"));
    assert.ok(before.length > 10);
    for (const [name, line] of before) {
      const programs = [...line.matchAll(/\bnode (?:--\S+ )*(\S+)/g)].map((match) => match[1] ?? "");
      assert.ok(
        programs.every((file) => file.endsWith(".mjs")),
        `${name}: ${line}`,
      );
    }
  });
});

describe("ensure-deps", () => {
  it("installs into a fresh clone, and never again while it is all there", async () => {
    assert.deepEqual(await ensure(), {
      code: 0,
      err: "busbar: installing dependencies (once; later calls skip this)\n",
    });
    assert.deepEqual(await ensure("fail"), { code: 0, err: "" });
    assert.equal(calls(), 1);
    leavesNothing();
  });

  const damages: { readonly [what: string]: () => void } = {
    "a folder that is gone": () => rmSync(join(folder, "node_modules/a"), { recursive: true }),
    "a folder within another that is gone": () =>
      rmSync(join(folder, "node_modules/a/node_modules/@s/b"), { recursive: true }),
    "a package of another version": () => put("node_modules/a/package.json", '{"name":"a","version":"1.0.1"}'),
    "a package.json that is cut": () => put("node_modules/a/package.json", '{"name":'),
    "npm's own list gone: it did not come to its end": () => rmSync(join(folder, "node_modules/.package-lock.json")),
    "npm's own list of another version": () =>
      put(
        "node_modules/.package-lock.json",
        JSON.stringify({ packages: { ...LOCKED, "node_modules/a": { version: "0.9.0" } } }),
      ),
    "a package of the same version with other contents": () =>
      lock({ ...LOCKED, "node_modules/a": { version: "1.0.0", integrity: "sha512-other" } }),
    "the program of Node gone": () => rmSync(join(folder, "node_modules/node/bin", NODE)),
    "a package for this machine gone": () => rmSync(join(folder, "node_modules/native-here"), { recursive: true }),
    "all of it gone": () => rmSync(join(folder, "node_modules"), { recursive: true }),
    "a lock file that names one more": () => lock({ ...LOCKED, "node_modules/c": { version: "1.0.0" } }),
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`installs again where it finds ${what}; and without a network nothing is lost`, async () => {
      await ensure();
      damage();
      const before = existsSync(join(folder, "node_modules")) ? modules() : undefined;
      const { code, err } = await ensure("fail");
      assert.equal(code, 7);
      assert.match(
        err,
        /npm ci failed, its own words are above(; node_modules is left as it was)?\. Is the npm registry/,
      );
      assert.equal(err.includes("left as it was"), before !== undefined);
      if (before === undefined) assert.equal(existsSync(join(folder, "node_modules")), false);
      else assert.deepEqual(modules(), before);
      assert.equal(calls(), 2);
      leavesNothing();
    });
  }

  it("names what npm has left out, and keeps what was there", async () => {
    await ensure();
    rmSync(join(folder, "node_modules/node/bin", NODE));
    const before = modules();
    const { "node_modules/native-here": _, ...without } = LOCKED;
    const { code, err } = await ensure("", without);
    assert.equal(code, 1);
    assert.match(err, /npm ci left out node_modules\/native-here; node_modules is left as it was\./);
    assert.deepEqual(modules(), before);
  });

  /** An install of which npm is half-way. */
  async function startHanging() {
    const child = start("hang");
    const ended = Promise.all([text(child.stderr), once(child, "exit")]);
    const before = calls();
    await until(() => calls() !== before);
    const npm = callers().at(-1);
    assert.ok(npm);
    return { child, npm, ended };
  }

  it("loses nothing when it is killed while it installs; the next waits for the npm that goes on, and installs", async () => {
    await ensure();
    put("node_modules/a/package.json", "");
    const before = modules();
    const { child, npm, ended } = await startHanging();
    child.kill("SIGKILL");
    await sleep(100);
    assert.deepEqual(modules(), before);
    const others = [start(), start(), start()].map((other) => ({
      /** Nothing where it ends without a word. */
      told: Promise.race([once(other.stderr, "data"), once(other.stderr, "end")]).then(([words = ""]) => String(words)),
      ended: Promise.all([once(other, "exit"), text(other.stderr)]),
    }));
    for (const { told } of others) {
      assert.match(
        await told,
        new RegExp(`^busbar: waiting for process (${npm}|\\d+), which installs the dependencies`),
      );
    }
    await sleep(500);
    assert.equal(calls(), 2); // it would write into the same folder
    process.kill(npm, "SIGKILL");
    await ended;
    for (const other of others) assert.deepEqual((await other.ended)[0], [0, null]);
    assert.equal(calls(), 3);
    leavesNothing();
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`ends npm where ${signal} reaches it alone`, {
      skip: process.platform === "win32" && "no signals",
    }, async () => {
      const { child, npm, ended } = await startHanging();
      child.kill(signal);
      const [err, [code]] = await ended;
      assert.equal(code, 128 + constants.signals[signal]);
      assert.match(err, new RegExp(`busbar: ended by ${signal}\n$`));
      assert.throws(() => process.kill(npm, 0), { code: "ESRCH" });
      leavesNothing();
    });
  }

  it("says that a clone which may not be written has to be copied", { skip: otherUserSkip() }, async () => {
    for (const path of [dirname(folder), folder]) chmodSync(path, 0o755);
    if (!isRoot) chmodSync(folder, 0o555);
    const child = spawn(process.execPath, [script, folder], {
      stdio: ["ignore", "ignore", "pipe"],
      ...(otherUser === undefined ? {} : { uid: otherUser }),
    });
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    chmodSync(folder, 0o755);
    assert.equal(code, 1);
    assert.match(err, /^busbar: the dependencies are missing, and cannot be installed: .*Work in a copy.*\n$/);
  });

  it("puts back what it had moved away when it was killed just then", async () => {
    await ensure();
    const before = modules();
    mkdirSync(join(folder, ".install-lock"));
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    put(".install-lock/pids", String(gone.pid));
    renameSync(join(folder, "node_modules"), join(folder, ".install-lock/replaced"));
    assert.equal((await ensure("fail")).code, 0);
    assert.deepEqual(modules(), before);
    assert.equal(calls(), 1);
    leavesNothing();
  });

  it("installs once where three ask at the same time", async () => {
    assert.deepEqual(
      (await Promise.all([ensure(), ensure(), ensure()])).map(({ code }) => code),
      [0, 0, 0],
    );
    assert.equal(calls(), 1);
  });
});
