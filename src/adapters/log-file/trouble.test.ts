// What lies where the log is to be, and what it does to a run: nothing is waited for, and what is missing is counted.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fillDisk, mountSkip, withSmallDisk } from "../../testing/mounts.ts";
import { openLogFile } from "./log-file.ts";
import { MAX_LOG_BYTES, oldLogs } from "./rotate.ts";

const AT = "2025-01-01T00:00:00.123Z";
const windows = process.platform === "win32" ? "Windows has no such pipes or links" : false;

describe("a log file whose place is taken, full or gone", () => {
  let root: string;
  let folder: string;
  let path: string;
  const troubles: string[] = [];
  const open = (at = folder) =>
    openLogFile({
      folder: at,
      node: "host1",
      mask: (text) => text,
      nowIso: () => AT,
      onTrouble: (cause) => troubles.push(String(cause)),
    });
  let noted = 0;
  const writeSome = (log: ReturnType<typeof open>, times: number, length = 10) => {
    for (let time = 0; time < times; time += 1) {
      noted += 1;
      log.note({ timestamp: AT, level: "INFO", message: `${noted}:${"m".repeat(length)}` });
    }
  };
  /** How many lines are there, and how many are said to be missing. A half line is no JSON. */
  function count(text: string) {
    let there = 0;
    let missing = 0;
    let halves = 0;
    for (const line of text.split("\n").slice(0, -1)) {
      try {
        const { message } = JSON.parse(line);
        const told = /^(\d+) lines could not be written/.exec(message)?.[1];
        if (told === undefined) there += 1;
        else missing += Number(told);
      } catch {
        halves += 1;
      }
    }
    return { there, missing, halves };
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "busbar-log-trouble-"));
    folder = join(root, "logs");
    path = join(folder, "orchestrator.log");
    mkdirSync(folder);
    troubles.length = 0;
    noted = 0;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("waits for nobody to read a pipe, and goes on in a file once there is one", { skip: windows }, () => {
    execFileSync("mkfifo", [path]);
    const log = open();
    writeSome(log, 3);
    assert.equal(troubles.length, 1);
    assert.match(troubles[0] ?? "", /ENXIO/);
    rmSync(path);
    writeSome(log, 2);
    log.close();
    assert.deepEqual(count(readFileSync(path, "utf8")), { there: 2, missing: 3, halves: 0 });
  });

  it("does not wait for who reads a pipe slowly, and says what is missing in between", { skip: windows }, () => {
    execFileSync("mkfifo", [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const log = open();
      writeSome(log, 500, 3000);
      let heard = "";
      const chunk = Buffer.alloc(1 << 20);
      const hear = (): void => {
        heard += chunk.toString("latin1", 0, readSync(reader, chunk));
      };
      hear();
      writeSome(log, 5);
      hear();
      log.close();
      const { there, missing } = count(heard);
      assert.ok(missing > 100, `${missing}`);
      assert.equal(there + missing, 505);
      assert.equal(troubles.length, 1);
    } finally {
      closeSync(reader);
    }
  });

  it("is opened again where it could not be at first", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    const log = open(join(file, "deep"));
    writeSome(log, 4);
    assert.equal(troubles.length, 1);
    rmSync(file);
    writeSome(log, 1);
    log.close();
    writeSome(log, 1);
    assert.deepEqual(count(readFileSync(join(file, "deep", "orchestrator.log"), "utf8")), {
      there: 1,
      missing: 4,
      halves: 0,
    });
  });

  it("ends a half line that a full disk or a crash has left", () => {
    writeFileSync(path, '{"message":"whole"}\n{"message":"ha');
    const log = open();
    writeSome(log, 2);
    log.close();
    assert.deepEqual(count(readFileSync(path, "utf8")), { there: 3, missing: 0, halves: 1 });
  });

  it("counts each line that a full disk did not take, and damages none that it takes later", {
    skip: mountSkip(),
  }, async () => {
    await withSmallDisk(join(root, "x"), 1, async (disk) => {
      const log = open(disk);
      const other = open(disk);
      writeSome(log, 10, 777);
      fillDisk(disk);
      for (let time = 0; time < 50; time += 1) {
        writeSome(log, 1, 777);
        writeSome(other, 1, 777);
      }
      rmSync(join(disk, "filler"));
      writeSome(other, 10, 777);
      writeSome(log, 10, 777);
      log.close();
      other.close();
      const { there, missing, halves } = count(readFileSync(join(disk, "orchestrator.log"), "utf8"));
      assert.ok(halves <= 2, `${halves}`);
      assert.ok(missing >= 80, `${missing}`);
      assert.equal(there + missing, noted);
      assert.equal(troubles.length, 2, "told once by each");
    });
  });

  it("is written on where its name cannot be looked up for a while", { skip: windows }, () => {
    const log = open();
    writeSome(log, 1);
    renameSync(folder, `${folder}.kept`);
    symlinkSync(folder, folder);
    writeSome(log, 2);
    rmSync(folder);
    renameSync(`${folder}.kept`, folder);
    writeSome(log, 1);
    log.close();
    assert.deepEqual(count(readFileSync(path, "utf8")), { there: 4, missing: 0, halves: 0 });
    assert.deepEqual(troubles, []);
  });

  it("is put aside where a link leads to, and the next one lies there too", { skip: windows }, () => {
    const real = join(root, "elsewhere.log");
    writeFileSync(real, "x".repeat(MAX_LOG_BYTES + 1));
    symlinkSync(real, path);
    const log = open();
    writeSome(log, 3);
    log.close();
    assert.equal(oldLogs(real).length, 1);
    assert.deepEqual(count(readFileSync(real, "utf8")), { there: 3, missing: 0, halves: 0 });
    assert.deepEqual(readdirSync(folder), ["orchestrator.log"]);
  });

  it("is written on where others cut it short, as logrotate's copytruncate does", () => {
    const log = open();
    writeSome(log, 100);
    truncateSync(path);
    writeSome(log, 7);
    log.close();
    assert.deepEqual(count(readFileSync(path, "utf8")), { there: 7, missing: 0, halves: 0 });
    assert.deepEqual(troubles, []);
  });
});
