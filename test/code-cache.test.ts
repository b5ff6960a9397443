// What the built command keeps of its compiled code, and that nothing but its start depends on it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { ensureBuilt } from "../scripts/built.ts";

const windows = process.platform === "win32" ? "Windows has no such permissions or links" : false;

describe("the code that is kept of the built command", () => {
  let folder: string;
  let bin: string;
  let caches: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-code-cache-"));
    bin = join(folder, "dist", "busbar.mjs");
    cpSync(dirname(ensureBuilt()), dirname(bin), { recursive: true, preserveTimestamps: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    caches = mkdtempSync(join(folder, "caches-"));
  });

  function run(args: readonly string[] = ["proto"], env: NodeJS.ProcessEnv = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      encoding: "utf8",
      env: { ...process.env, NODE_COMPILE_CACHE: caches, NODE_DISABLE_COMPILE_CACHE: undefined, ...env },
      timeout: 30_000,
    });
    return { status, stdout, stderr };
  }
  const find = (): readonly string[] =>
    readdirSync(caches, { recursive: true, encoding: "utf8" })
      .map((name) => join(caches, name))
      .filter((path) => /[\\/]busbar-[^\\/]*$/.test(path));
  function onlyOne(): string {
    const [path, ...others] = find();
    assert.ok(path !== undefined && others.length === 0, `${find()}`);
    return path;
  }
  const identify = (path: string) => `${statSync(path).ino} ${statSync(path).mtimeMs}`;

  it("is written once, and again after an hour", () => {
    const first = run();
    assert.equal(first.status, 0);
    const path = onlyOne();
    const made = identify(path);
    assert.deepEqual(run(), first);
    assert.equal(identify(path), made);
    const longAgo = Date.now() / 1000 - 7200;
    utimesSync(path, longAgo, longAgo);
    assert.deepEqual(run(), first);
    assert.notEqual(identify(onlyOne()), made);
    assert.ok(statSync(path).mtimeMs > longAgo * 1000);
  });

  it("is not written where a command fails, or where Node is to keep nothing", () => {
    assert.equal(run(["validate", join(folder, "nothing.json")]).status, 10);
    assert.equal(run(["proto"], { NODE_DISABLE_COMPILE_CACHE: "1" }).status, 0);
    assert.deepEqual(find(), []);
  });

  const cutBy = (length: number) => (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -length));
  /** A bit at each of some places: each alone would end the process, or not, as chance has it. */
  function flipBits(path: string): void {
    const bytes = readFileSync(path);
    for (let at = 64; at < bytes.length - 200; at += 1000) bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
    writeFileSync(path, bytes);
  }
  function makePipe(path: string): void {
    rmSync(path);
    execFileSync("mkfifo", ["-m", "600", path]);
  }
  function makeFolder(path: string): void {
    rmSync(path);
    mkdirSync(path);
  }
  const spoiled: readonly (readonly [string, (path: string) => void, (string | false)?])[] = [
    ["empty", (path) => writeFileSync(path, "")],
    ["shorter than it was", cutBy(1)],
    ["half", cutBy(100_000)],
    ["damaged", flipBits],
    ["a folder", makeFolder],
    ["a pipe", makePipe, windows],
    ["writable by others", (path) => chmodSync(path, 0o666), windows],
    [
      "a link",
      (path) => {
        renameSync(path, `${path}.moved`);
        symlinkSync(`${path}.moved`, path);
      },
      windows,
    ],
  ];
  for (const [what, spoil, skip = false] of spoiled) {
    it(`is not used where it is ${what}`, { skip }, () => {
      const first = run();
      const path = onlyOne();
      spoil(path);
      assert.deepEqual(run(), first);
      if (what !== "a folder") assert.ok(statSync(path).size > 100_000 && (statSync(path).mode & 0o022) === 0);
      assert.deepEqual(
        find().filter((name) => name.endsWith(".moved") === false),
        [path],
      );
    });
  }

  it("is not used for a file that has changed, whatever its length", () => {
    run();
    const path = onlyOne();
    const made = identify(path);
    const commands = join(dirname(bin), "files.cjs");
    const text = readFileSync(commands, "latin1");
    try {
      writeFileSync(commands, text.replaceAll("service ContainerExecutor", "service ContainerExecut0r"));
      assert.match(run().stdout, /service ContainerExecut0r/);
      assert.notEqual(identify(path), made);
    } finally {
      writeFileSync(commands, text);
    }
  });

  it("lets every part be loaded late, without a word of Node's", () => {
    const nodes = Array.from(
      { length: 700 },
      (_, index) => `  n${index}: { service: s, input_file: ${"i".repeat(400)}, output_file: o }`,
    );
    const large = join(folder, "large.yaml");
    writeFileSync(
      large,
      `workflow_name: w\nservice_registry: { s: "localhost:1" }\ncontainers:\n${nodes.join("\n")}\n`,
    );
    for (const time of ["first", "second"]) {
      const { status, stderr } = run(["validate", large]);
      assert.deepEqual([status, stderr], [0, ""], `the ${time} time`);
    }
    for (const name of readdirSync(dirname(bin)).filter((name) => name.endsWith(".cjs"))) {
      assert.doesNotMatch(readFileSync(join(dirname(bin), name), "latin1"), /[^.\w$]import\(/, name);
    }
  });

  it("is not written twice at once, but again where a command was killed while it wrote", () => {
    const first = run();
    const path = onlyOne();
    rmSync(path);
    writeFileSync(`${path}.new`, "half");
    assert.deepEqual(run(), first);
    assert.deepEqual(find(), [`${path}.new`]);
    utimesSync(`${path}.new`, 1, 1);
    assert.deepEqual(run(), first);
    assert.deepEqual(find(), []);
    assert.deepEqual(run(), first);
    assert.deepEqual(find(), [path]);
  });

  it("costs no command its end where something lies in the way", () => {
    const first = run();
    const path = onlyOne();
    rmSync(path);
    mkdirSync(`${path}.new`);
    utimesSync(`${path}.new`, 1, 1);
    assert.deepEqual(run(), first);
    assert.deepEqual(find(), [`${path}.new`]);
  });

  it("is not missed where it cannot be written", () => {
    const place = join(folder, "file");
    writeFileSync(place, "");
    const { status, stderr } = run(["proto"], { NODE_COMPILE_CACHE: place });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.ok(existsSync(place));
  });
});
