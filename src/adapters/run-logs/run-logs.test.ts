import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { createSteppingClock, type SteppingClock } from "../../kernel/clock.ts";
import { createSecrets, type Secrets } from "../../kernel/secrets.ts";
import type { LogFilter, LogLine, LogStream, RunLogs } from "../../ports/run-logs.ts";
import { mountSkip, withReadOnly, withSmallDisk } from "../../testing/mounts.ts";
import { createSystemClock } from "../system/clock.ts";
import { DISK_FACTOR, LIMITS } from "./limits.ts";
import { createRunLogs, type RunLogsOptions } from "./run-logs.ts";

/** 2 KiB files; lines short enough for them. */
const SMALL = { attemptBytes: 16 * 1024, lineChars: 64 };

let folder: string;
let clock: SteppingClock;
const troubles: unknown[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-run-logs-"));
  clock = createSteppingClock();
  troubles.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openLogs(more: Partial<RunLogsOptions> = {}): RunLogs {
  return createRunLogs({
    folder,
    clock,
    secrets: createSecrets(() => undefined),
    onTrouble: (cause) => troubles.push(cause),
    ...more,
  });
}

async function linesOf(logs: RunLogs, filter?: LogFilter, runId = "r1"): Promise<readonly LogLine[]> {
  return collect(logs.read(runId, filter));
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function textsOf(logs: RunLogs, filter?: LogFilter, runId?: string): Promise<readonly string[]> {
  return (await linesOf(logs, filter, runId)).map(({ text }) => text);
}

/** Every file below, by its path. */
function filesIn(path = folder): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

const bytesIn = (path = folder): number => filesIn(path).reduce((sum, file) => sum + statSync(file).size, 0);

function secretsOf(...values: readonly string[]): Secrets {
  const secrets = createSecrets((name) => values[Number(name)]);
  for (const index of values.keys()) secrets.read(String(index));
  return secrets;
}

const key = { nodeId: "fetch", attempt: 1 };

describe("what an attempt writes", () => {
  it("is read as lines, with when, who and where to", async () => {
    const logs = openLogs();
    assert.deepEqual(readdirSync(folder), []);
    const log = logs.open("r1", key);
    assert.deepEqual(readdirSync(folder), []);
    log.write("busbar", "docker create x\n");
    clock.advance(5);
    log.write("stdout", "one\ntwo\r\nth");
    log.write("stderr", "oh\n");
    clock.advance(5);
    log.write("stdout", Buffer.from("ree\nrest"));
    log.end();
    const head = { node_id: "fetch", attempt: 1 };
    const at = (ms: string) => `2025-01-01T00:00:00.${ms}Z`;
    assert.deepEqual(await linesOf(logs), [
      { at: at("000"), ...head, stream: "busbar", text: "docker create x" },
      { at: at("005"), ...head, stream: "stdout", text: "one" },
      { at: at("005"), ...head, stream: "stdout", text: "two" },
      { at: at("005"), ...head, stream: "stderr", text: "oh" },
      { at: at("010"), ...head, stream: "stdout", text: "three" },
      { at: at("010"), ...head, stream: "stdout", text: "rest" },
    ]);
    assert.deepEqual(await linesOf(logs, {}, "r2"), []);
    assert.deepEqual(await linesOf(logs, { nodeId: "other" }), []);
    await logs.remove("r1");
    assert.deepEqual(readdirSync(folder), []);
    await logs.remove("r1");
  });

  it("has left the process when write returns, also of a line that has no end yet (L1)", async () => {
    const log = openLogs().open("r1", key);
    log.write("stdout", "half ");
    log.write("stdout", "a li");
    log.write("stderr", "an");
    assert.deepEqual(await textsOf(openLogs()), ["half a li", "an"]);
    log.write("stderr", "other\n");
    assert.deepEqual(await textsOf(openLogs()), ["another", "half a li"]);
    log.write("stdout", "ne\n");
    log.end();
    assert.deepEqual(await textsOf(openLogs()), ["another", "half a line"]);
  });

  it("comes back as the same lines, however it was cut into chunks", async () => {
    const character = fc.constantFrom(
      "a",
      "é",
      "€",
      "😀",
      "\n",
      "\r",
      "\r\n",
      "\t",
      "\u001b",
      '"',
      "\\",
      "\u2028",
      "x",
    );
    const bytes = fc.oneof(
      fc.string({ unit: character, maxLength: 60 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)),
    );
    const cuts = fc.array(fc.tuple(fc.constantFrom<LogStream>("stdout", "stderr"), bytes), { maxLength: 12 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(cuts, async (chunks) => {
        count += 1;
        const logs = openLogs();
        const log = logs.open(`run-${count}`, key);
        for (const [stream, chunk] of chunks) log.write(stream, chunk);
        log.end();
        const lines = await linesOf(logs, {}, `run-${count}`);
        for (const stream of ["stdout", "stderr"]) {
          const all = Buffer.concat(chunks.flatMap(([to, chunk]) => (to === stream ? [chunk] : []))).toString("utf8");
          assert.deepEqual(
            lines.filter((line) => line.stream === stream).map(({ text }) => text),
            expectedLines(all),
          );
        }
      }),
      { numRuns: 500 },
    );
    assert.deepEqual(troubles, []);
  });

  it("keeps what is no UTF-8 as U+FFFD, and characters that lie across chunks", async () => {
    const logs = openLogs();
    const log = logs.open("r1", key);
    const text = Buffer.from("€😀é\n");
    for (const byte of text) log.write("stdout", Uint8Array.of(byte));
    log.write("stdout", Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x0a, 0xe2));
    log.end();
    assert.deepEqual(await textsOf(logs), ["€😀é", "a\ufffd\ufffd", "\ufffd"]);
  });

  it("never shows a secret, wherever chunks and cuts fall (L2)", async () => {
    const secrets = secretsOf("s3cret-value", "two\nlines");
    const text = `${"x".repeat(60)}s3cret-value, two\nlines, s3cret-value\n${"y".repeat(57)}s3cret-value`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const logs = openLogs({ secrets, limits: SMALL });
      const log = logs.open(`cut-${cut}`, key);
      log.write("stdout", text.slice(0, cut));
      for (const file of filesIn()) assert.doesNotMatch(readFileSync(file, "utf8"), /s3cret-v|two\\nl/);
      log.write("stdout", text.slice(cut));
      log.end();
      const lines = await linesOf(logs, {}, `cut-${cut}`);
      const hidden = ["x".repeat(60).concat("***,"), " ***, ***", "y".repeat(57).concat("***")];
      assert.deepEqual(
        lines.map((line) => line.text),
        hidden,
        `cut at ${cut}`,
      );
    }
    const bytewise = openLogs({ secrets, limits: SMALL });
    const log = bytewise.open("bytes", key);
    for (const byte of Buffer.from(text)) log.write("stderr", Uint8Array.of(byte));
    log.end();
    for (const file of filesIn()) assert.doesNotMatch(readFileSync(file, "utf8"), /s3cret-v|two\\nl/);
  });

  it("shows no line of a secret of several lines, however it is printed, wherever chunks fall (L2)", async () => {
    const secrets = secretsOf("-----BEGIN KEY-----\r\n MIIEpAIBAAKC \r\nAQEAxyz1\r\n-----END KEY-----\r\n");
    const text = "first MIIEpAIBAAKC\nAQEAxyz1 AQEAxyz\r\nMIIEpAIBAAKCAQEAxyz1";
    for (let cut = 0; cut <= text.length; cut += 1) {
      const logs = openLogs({ secrets });
      const log = logs.open(`cut-${cut}`, key);
      log.write("stdout", text.slice(0, cut));
      log.write("stdout", text.slice(cut));
      log.end();
      const lines = await linesOf(logs, {}, `cut-${cut}`);
      assert.deepEqual(
        lines.map((line) => line.text),
        ["first ***", "*** AQEAxyz", "******"],
        `cut at ${cut}`,
      );
    }
  });

  it("loses no beginning of a secret that came to nothing", async () => {
    const logs = openLogs({ secrets: secretsOf("s3cret-value") });
    const log = logs.open("r1", key);
    log.write("stdout", "a s3cret");
    log.write("stdout", " or two\ns3c");
    log.end();
    assert.deepEqual(await textsOf(logs), ["a s3cret or two", "s3c"]);
  });
});

/** What the rules of lines make of a whole text. */
function expectedLines(text: string): readonly string[] {
  const lines = text.replaceAll(/\r+\n/g, "\n").split("\n");
  const last = lines.pop() ?? "";
  const drawn = (line: string): readonly string[] => line.split(/\r+/).filter((part) => part !== "");
  return [...lines.flatMap((line) => (line === "" ? [""] : drawn(line))), ...drawn(last)];
}

describe("the bound of an attempt (L2)", () => {
  /** Bytes that a container wrote for a line, and of those that a text like `… 1.5 kB left out …` tells. */
  const bytesOf = (line: string): number => Buffer.byteLength(line) + 1;
  const toldIn = (text: string): number => {
    const [, amount = "", unit = ""] = /^… ([\d.]+) (bytes?|kB|MB) left out …$/.exec(text) ?? [];
    return Number(amount) * (unit === "MB" ? 1e6 : unit === "kB" ? 1e3 : 1);
  };

  it("is of what a container wrote: all of it within the bound is kept, beyond it the beginning, the end and the amount between", async () => {
    const anyLine = fc.constantFrom(
      "",
      "x",
      "ten chars!",
      "ü".repeat(20),
      '"'.repeat(50),
      "\u0001".repeat(60),
      "z".repeat(64),
    );
    const anyOutput = fc.record({
      lines: fc.array(anyLine, { minLength: 1, maxLength: 30 }),
      times: fc.integer({ min: 1, max: 60 }),
      /** Lines that are written at once. */
      atOnce: fc.integer({ min: 10, max: 200 }),
      reopened: fc.boolean(),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(anyOutput, async ({ lines, times, atOnce, reopened }) => {
        count += 1;
        const runId = `bound-${count}`;
        const written = Array.from({ length: times * lines.length }, (_, index) => lines[index % lines.length] ?? "");
        const logs = openLogs({ limits: SMALL });
        let log = logs.open(runId, key);
        for (let from = 0; from < written.length; from += atOnce) {
          log.write(
            "stdout",
            written
              .slice(from, from + atOnce)
              .map((line) => `${line}\n`)
              .join(""),
          );
          assert.ok(bytesIn(join(folder, runId)) <= DISK_FACTOR * SMALL.attemptBytes);
          if (!reopened) continue;
          log.end();
          log = logs.open(runId, key);
        }
        log.end();
        const texts = await textsOf(logs, {}, runId);
        const gap = texts.findIndex((text) => toldIn(text) > 0);
        const total = written.reduce((sum, line) => sum + bytesOf(line), 0);
        // What JSON has to escape may take more on disk than its bound there, though it is within the other one.
        const onDisk = written.reduce((sum, line) => sum + JSON.stringify(line).length, 0);
        const isWhole = total <= SMALL.attemptBytes && (onDisk <= 2 * SMALL.attemptBytes || gap < 0);
        if (isWhole) return assert.deepEqual(texts, written);
        const kept = texts.filter((_, index) => index !== gap);
        // The last one may have lost its end.
        assert.deepEqual(kept.slice(0, gap - 1), written.slice(0, gap - 1));
        assert.ok(gap > 0 && written[gap - 1]?.startsWith(kept[gap - 1] ?? "none"));
        assert.deepEqual(kept.slice(gap), written.slice(written.length - (kept.length - gap)));
        const keptBytes = kept.reduce((sum, line) => sum + bytesOf(line), 0);
        // A line of which the end is kept is kept whole.
        assert.ok(
          keptBytes <= SMALL.attemptBytes + 2 * 65 && keptBytes > 0.5 * SMALL.attemptBytes,
          `${keptBytes} of ${total}`,
        );
        const told = toldIn(texts[gap] ?? "");
        // Who opens a log again counts the lines of its last file whole, also one that begins in the file before.
        const slack = 150 + (reopened ? 65 * Math.ceil(written.length / atOnce) : 0);
        assert.ok(Math.abs(total - keptBytes - told) <= slack, `${total} written, ${keptBytes} kept, ${texts[gap]}`);
      }),
      { numRuns: 150 },
    );
    assert.deepEqual(troubles, []);
  });

  it("keeps 16 MiB whole, of lines of any length, and of more no less than 14", async () => {
    const long = `${"x".repeat(100)}\n`;
    for (const { line, megabytes } of [
      { line: "some word\n", megabytes: 6 },
      { line: long, megabytes: 16 },
      { line: long, megabytes: 30 },
    ]) {
      const runId = `whole-${line.length}-${megabytes}`;
      const logs = openLogs();
      const log = logs.open(runId, key);
      const chunk = Buffer.from(line.repeat(Math.floor(65_536 / line.length)));
      const count = Math.floor((megabytes * 2 ** 20) / chunk.length);
      for (let written = 0; written < count; written += 1) log.write("stdout", chunk);
      log.end();
      let lines = 0;
      let told = 0;
      for await (const { stream, text } of logs.read(runId)) {
        if (stream === "stdout") lines += 1;
        else told = toldIn(text);
      }
      const [kept, total] = [lines * line.length, count * chunk.length];
      if (megabytes <= 16) assert.equal(kept, total);
      else assert.ok(kept > 13.5 * 2 ** 20 && Math.abs(kept + told - total) < 1e5, `${kept} and ${told} of ${total}`);
      await logs.remove(runId);
    }
  });

  it("tells exactly what is missing, also of lines that end in CR LF, of secrets and of what is no UTF-8", async () => {
    const logs = openLogs({ limits: SMALL, secrets: secretsOf("s3cret-value") });
    const log = logs.open("r1", key);
    const line = Buffer.concat([Buffer.from("s3cret-value, and "), Buffer.of(0xff, 0xfe), Buffer.from(" more\r\n")]);
    for (let index = 0; index < 4000; index += 1) log.write("stdout", line);
    log.end();
    const texts = await textsOf(logs);
    const told = toldIn(texts.find((text) => toldIn(text) > 0) ?? "");
    assert.ok(Math.abs((4000 - (texts.length - 1)) * line.length - told) <= 100, `${told} of ${4000 * line.length}`);
  });

  it("is told by files that Busbar 0.1.0 wrote, too, as it counted then", async () => {
    const attempt = join(folder, "r1", key.nodeId, String(key.attempt));
    mkdirSync(attempt, { recursive: true });
    const record = (text: string, more = "") =>
      `{"at":"2025-01-01T00:00:00.000Z","node_id":"fetch","attempt":1,"stream":"stdout","text":"${text}"${more}}\n`;
    writeFileSync(join(attempt, "1.1.000000000000000.jsonl"), record("one") + record("two", ',"part":true'));
    const size = statSync(join(attempt, "1.1.000000000000000.jsonl")).size;
    const offset = String(size + 1234).padStart(15, "0");
    writeFileSync(join(attempt, `1.1.${offset}.jsonl`), record("three") + record("four"));
    const again = openLogs().open("r1", key);
    again.write("stdout", "five\n");
    again.end();
    const expected = ["one", "… 1.2 kB left out …", "three", "four", "five"];
    assert.deepEqual(await textsOf(openLogs()), expected);
    for (let tail = 0; tail <= 6; tail += 1) {
      assert.deepEqual(await textsOf(openLogs(), { tail }), expected.slice(Math.max(0, 5 - tail)), `tail ${tail}`);
    }
  });

  it("holds for one chunk that is larger than the bound, and for lines without end", async () => {
    const limits = { attemptBytes: 64 * 1024, lineChars: 1000 };
    const logs = openLogs({ limits });
    const log = logs.open("r1", key);
    log.write("stdout", "\n".repeat(5000));
    log.write("stdout", "\u0000".repeat(50_000));
    log.write("stderr", "z".repeat(100_000));
    assert.ok(bytesIn() <= DISK_FACTOR * limits.attemptBytes);
    log.end();
    assert.ok(bytesIn() <= DISK_FACTOR * limits.attemptBytes);
    const texts = await textsOf(logs);
    assert.equal(texts[0], "");
    assert.equal(texts.at(-1), "z".repeat(1000));
    assert.deepEqual(troubles, []);
  });

  it("holds over those who open the attempt again, whose lines are their own", async () => {
    const limits = SMALL;
    for (let opened = 0; opened < 20; opened += 1) {
      const log = openLogs({ limits }).open("r1", key);
      for (let index = 0; index < 200; index += 1) log.write("stdout", `${opened}/${index}\n`);
      log.write("stdout", `no end ${opened}`);
      assert.ok(bytesIn() <= DISK_FACTOR * limits.attemptBytes);
    }
    const texts = await textsOf(openLogs({ limits }));
    assert.equal(texts[200], "no end 0");
    assert.equal(texts.at(-1), "no end 19");
    assert.ok(texts.some((text) => text.includes("left out")));
  });
});

describe("restart", () => {
  it("forgets what was kept, of this process or one before", async () => {
    const first = openLogs().open("r1", key);
    first.write("stdout", "one\ntwo\nth");
    const logs = openLogs();
    const again = logs.open("r1", key);
    again.restart();
    assert.deepEqual(await textsOf(logs), []);
    again.write("stdout", "one\ntwo\nthree");
    again.write("stdout", " and on");
    again.restart();
    again.write("stdout", "one\n");
    again.end();
    assert.deepEqual(await textsOf(logs), ["one"]);
    assert.equal(filesIn().length, 1);
    const nothing = logs.open("r2", key);
    nothing.restart();
    nothing.end();
    assert.deepEqual(readdirSync(folder), ["r1"]);
  });

  it("keeps what Busbar itself did, in its order and as often as it restarts", async () => {
    const steps = fc.array(fc.constantFrom("busbar", "stdout", "stderr", "restart", "reopen"), { maxLength: 30 });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        runs += 1;
        const logs = openLogs();
        const open = () => logs.open(`own-${runs}`, key);
        let log = open();
        const own: string[] = [];
        let output: string[] = [];
        for (const [index, step] of all.entries()) {
          if (step === "restart") {
            log.restart();
            output = [];
          } else if (step === "reopen") {
            log.end();
            log = open();
          } else {
            log.write(step as LogStream, `${index}\n`);
            (step === "busbar" ? own : output).push(String(index));
          }
        }
        log.end();
        const lines = await linesOf(logs, {}, `own-${runs}`);
        const texts = (isOwn: boolean) =>
          lines.flatMap((one) => ((one.stream === "busbar") === isOwn ? [one.text] : []));
        assert.deepEqual([texts(true), texts(false)], [own, output]);
      }),
      { numRuns: 40 },
    );
  });

  it("is no trouble for one who reads meanwhile, nor is the end of the run's logs", async () => {
    const logs = openLogs({ limits: SMALL });
    const log = logs.open("r1", key);
    const fill = () => {
      for (let index = 0; index < 400; index += 1) log.write("stdout", `line ${index}\n`);
    };
    fill();
    const seen: string[] = [];
    for await (const { text } of logs.read("r1")) {
      seen.push(text);
      if (seen.length === 10) log.restart();
      if (seen.length === 10) fill();
    }
    assert.equal(seen[0], "line 0");
    for await (const _ of logs.read("r1")) await logs.remove("r1");
    log.end();
    assert.deepEqual(troubles, []);
  });
});

describe("reading", () => {
  const put = (logs: RunLogs, nodeId: string, attempt: number, texts: readonly string[]): void => {
    const log = logs.open("r1", { nodeId, attempt });
    for (const text of texts) {
      log.write("stdout", `${text}\n`);
      clock.advance(1);
    }
    log.end();
  };

  it("gives several attempts by their times, those of one as they were written (L4)", async () => {
    const logs = openLogs();
    const [a, b, c] = ["a", "b", "c"].map((nodeId) => logs.open("r1", { nodeId, attempt: 1 }));
    for (let index = 0; index < 30; index += 1) {
      [b, a, c][index % 3]?.write("stdout", `${index}\n`);
      clock.advance(1);
    }
    a?.write("stdout", "tie of a\n");
    c?.write("stdout", "tie of c\n");
    b?.write("stdout", "tie of b\n");
    for (const log of [a, b, c]) log?.end();
    assert.deepEqual(await textsOf(logs), [...Array(30).keys()].map(String).concat("tie of a", "tie of b", "tie of c"));
    assert.deepEqual(await textsOf(logs, { tail: 4 }), ["29", "tie of a", "tie of b", "tie of c"]);
  });

  it("gives one node, one attempt, or the latest of each", async () => {
    const logs = openLogs();
    put(logs, "a", 1, ["a1"]);
    put(logs, "b", 9, ["b9"]);
    put(logs, "a", 2, ["a2"]);
    put(logs, "b", 10, ["b10"]);
    assert.deepEqual(await textsOf(logs, { nodeId: "a" }), ["a1", "a2"]);
    assert.deepEqual(await textsOf(logs, { nodeId: "a", attempt: 1 }), ["a1"]);
    assert.deepEqual(await textsOf(logs, { attempt: 9 }), ["b9"]);
    assert.deepEqual(await textsOf(logs, { attempt: "latest" }), ["a2", "b10"]);
  });

  it("gives the last lines as all of them would end, also over a gap and with a line without end", async () => {
    const logs = openLogs({ limits: SMALL });
    const a = logs.open("r1", { nodeId: "a", attempt: 1 });
    const b = logs.open("r1", { nodeId: "b", attempt: 1 });
    for (let index = 0; index < 2500; index += 1) {
      a.write(index % 3 === 0 ? "stderr" : "stdout", `a ${index} `);
      if (index % 5 === 0) b.write("stdout", `b ${index}\n`);
      a.write(index % 3 === 0 ? "stderr" : "stdout", "more\n");
      clock.advance(1);
    }
    a.write("stdout", "no end");
    const all = await linesOf(logs);
    assert.ok(all.some(({ text }) => text.includes("left out")));
    for (const tail of [0, 1, 2, 3, 10, 50, 100, all.length - 1, all.length, all.length + 1, 5000]) {
      assert.deepEqual(await linesOf(logs, { tail }), all.slice(Math.max(0, all.length - tail)), `tail ${tail}`);
    }
    for (const nodeId of ["a", "b"]) {
      const own = all.filter(({ node_id }) => node_id === nodeId);
      for (const tail of [0, 1, 7, 60]) {
        assert.deepEqual(await linesOf(logs, { nodeId, tail }), own.slice(own.length - tail));
      }
    }
    a.end();
    b.end();
  });

  it("keeps apart nodes whose ids look the same to a file system", async () => {
    const logs = openLogs();
    const ids = [
      "a",
      "A",
      "..",
      ".",
      "con",
      "NUL.txt",
      "a:b",
      "a\\b",
      "n".repeat(100),
      "🙂".repeat(50),
      "é",
      "e\u0301",
    ];
    for (const nodeId of ids) put(logs, nodeId, 1, [`of ${nodeId}`]);
    for (const nodeId of ids) assert.deepEqual(await textsOf(logs, { nodeId }), [`of ${nodeId}`]);
    assert.equal((await linesOf(logs)).length, ids.length);
    const outside = logs.open("../../out", { nodeId: "..", attempt: 1 });
    outside.write("stdout", "x\n");
    outside.end();
    assert.deepEqual(readdirSync(folder).length, 2);
    assert.deepEqual(troubles, []);
  });

  it("passes over what is torn, damaged or none of ours", async () => {
    const logs = openLogs();
    const log = logs.open("r1", key);
    log.write("stdout", "one\ntwo\nthree\n");
    log.end();
    const [file = ""] = filesIn();
    truncateSync(file, statSync(file).size - 5);
    assert.deepEqual(await textsOf(logs), ["one", "two"]);
    assert.deepEqual(await textsOf(logs, { tail: 1 }), ["two"]);
    const again = openLogs().open("r1", key);
    again.write("stdout", "four\n");
    again.end();
    const attempt = join(file, "..");
    const later = (name: string, text: string) => writeFileSync(join(attempt, name), text);
    later("1.3.000000000000009.log", `null\n[]\n{"at":1}\nof nobody\n#{}\n@!\n\n${"long".repeat(50_000)}\n`);
    later("notes.txt", "mine\n");
    mkdirSync(join(attempt, "..", "x"));
    writeFileSync(join(folder, "r1", "file"), "");
    const texts = await textsOf(logs);
    assert.deepEqual(texts, ["one", "two", "four"]);
  });
});

describe("following", () => {
  it("gives what comes: lines, files, attempts, nodes; and what is there at the abort", async () => {
    const logs = openLogs({ limits: SMALL });
    const stop = new AbortController();
    const a = logs.open("r1", key);
    a.write("stdout", "old\n1\n");
    const reading = logs.read("r1", { until: stop.signal, tail: 1 })[Symbol.asyncIterator]();
    const next = async (): Promise<string | undefined> => {
      const line = reading.next();
      // Whatever it waits for is a look.
      for (let turn = 0; turn < 5; turn += 1) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        clock.advance(1000);
      }
      const { value, done } = await line;
      return done === true ? undefined : value.text;
    };
    assert.equal(await next(), "1");
    a.write("stdout", "2\nnot yet");
    assert.equal(await next(), "2");
    for (let index = 0; index < 100; index += 1) a.write("stderr", `${index}\n`);
    for (let index = 0; index < 100; index += 1) assert.equal(await next(), String(index));
    const b = logs.open("r1", { nodeId: "other", attempt: 2 });
    b.write("busbar", "3\n");
    assert.equal(await next(), "3");
    b.write("busbar", "at the end\n");
    stop.abort();
    assert.equal(await next(), "not yet");
    assert.equal(await next(), "at the end");
    assert.equal(await next(), undefined);
    a.end();
    b.end();
  });

  it("ends at once where it is aborted while it waits or before it begins", async () => {
    const stop = new AbortController();
    const reading = collect(openLogs().read("r1", { until: stop.signal }));
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.equal(clock.pending(), 1);
    stop.abort();
    assert.deepEqual(await reading, []);
    assert.equal(clock.pending(), 0);
    assert.deepEqual(await collect(openLogs().read("r1", { until: AbortSignal.abort() })), []);
  });
});

describe("another process that writes", () => {
  /** Runs the statements in a process of its own, with `logs` at hand; what it says is a number a line. */
  const startWriter = (statements: string, limits: object = LIMITS) => {
    const module = new URL("./run-logs.ts", import.meta.url).href;
    const clockModule = new URL("../system/clock.ts", import.meta.url).href;
    const secretsModule = new URL("../../kernel/secrets.ts", import.meta.url).href;
    const code = `
      import { writeSync } from "node:fs";
      const { createRunLogs } = await import(${JSON.stringify(module)});
      const { createSystemClock } = await import(${JSON.stringify(clockModule)});
      const { createSecrets } = await import(${JSON.stringify(secretsModule)});
      const secrets = createSecrets(() => "s3cret-value");
      secrets.read("ANY");
      const logs = createRunLogs({ folder: ${JSON.stringify(folder)}, clock: createSystemClock(), secrets,
        limits: ${JSON.stringify(limits)}, onTrouble(cause) { throw cause; } });
      const say = (number) => writeSync(1, number + "\\n");
      ${statements}`;
    // Left to itself, V8 lets 100 MB of garbage gather before it looks; that is not what is measured here.
    const flags = ["--max-semi-space-size=4", "--input-type=module", "-e", code];
    const child = spawn(process.execPath, flags, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    return { child, ended: once(child, "close").then(() => said.trim().split("\n").map(Number)) };
  };

  it("is followed, and a kill takes nothing of what it had handed over (L1)", async () => {
    const { child, ended } = startWriter(`
      const log = logs.open("r1", { nodeId: "fetch", attempt: 1 });
      for (let n = 0; ; n += 1) {
        log.write("stdout", "this is line " + n + "\\nand");
        log.write("stdout", " this is its second half\\n");
        say(n);
      }`);
    const logs = openLogs({ clock: createSystemClock() });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { text } of logs.read("r1", { until: stop.signal })) {
      if (seen.push(text) !== 3000) continue;
      child.kill("SIGKILL");
      void ended.then(() => stop.abort());
    }
    const said = await ended;
    assert.ok(seen.length >= 3000 && seen.length >= 2 * said.length - 1);
    for (const [index, text] of seen.slice(0, -1).entries()) {
      assert.equal(text, index % 2 === 0 ? `this is line ${index / 2}` : "and this is its second half");
    }
    assert.deepEqual(await textsOf(logs), seen);
  });

  it("takes neither more disk than its bound nor more memory, whatever it writes", async () => {
    const { ended } = startWriter(`
      const chunk = Buffer.from(("x".repeat(98) + "\\n").repeat(662).slice(0, 65536));
      const log = logs.open("r1", { nodeId: "fetch", attempt: 1 });
      const write = (megabytes) => {
        for (let n = 0; n < megabytes * 16; n += 1) log.write("stdout", chunk);
      };
      write(50);
      say(process.resourceUsage().maxRSS);
      write(250);
      say(process.resourceUsage().maxRSS);
      log.end();`);
    const [early = 0, late = Number.NaN] = await ended;
    assert.ok(late - early < 48 * 1024, `${early} KiB, then ${late} KiB`);
    // The beginning of a line stands in a file twice, where it came without its end.
    assert.ok(bytesIn() <= 1.1 * LIMITS.attemptBytes && bytesIn() > 0.8 * LIMITS.attemptBytes);
    const before = process.memoryUsage().rss;
    let count = 0;
    for await (const _ of openLogs().read("r1")) count += 1;
    assert.ok(count > 50_000);
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
  });
});

describe("trouble with the disk (L3)", () => {
  it("is told once, and no attempt notices", () => {
    writeFileSync(join(folder, "file"), "");
    const logs = openLogs({ folder: join(folder, "file", "logs") });
    for (const attempt of [1, 2]) {
      const log = logs.open("r1", { nodeId: "a", attempt });
      log.write("stdout", "x\n");
      log.write("stdout", "x\n");
      log.restart();
      log.end();
    }
    assert.equal(troubles.length, 1);
  });

  it("is also that its files were deleted, which no write would say", { skip: process.platform === "win32" }, () => {
    const logs = openLogs();
    const log = logs.open("r1", key);
    log.write("stdout", "x\n");
    rmSync(folder, { recursive: true });
    for (let time = 0; time < 3; time += 1) log.write("stdout", "y\n");
    log.end();
    assert.match(troubles.join(), /^Error: .*\.log was deleted while it was written$/);
    assert.ok(!existsSync(folder));
  });

  it("is a link out of its folder, which is not followed", { skip: process.platform === "win32" }, async () => {
    const logs = openLogs();
    const log = logs.open("r1", key);
    log.write("stdout", "mine\n");
    log.end();
    const [file = ""] = filesIn();
    const attempt = join(file, "..");
    const outside = mkdtempSync(join(tmpdir(), "busbar-run-logs-outside-"));
    try {
      const [name = ""] = readdirSync(attempt);
      cpSync(file, join(outside, name));
      cpSync(attempt, join(outside, "1"), { recursive: true });
      symlinkSync(join(outside, name), join(attempt, "1.9.000000000000000.log"));
      symlinkSync(join(outside, "1"), join(attempt, "..", "2"));
      symlinkSync(outside, join(attempt, "..", "..", "other"));
      assert.deepEqual(await textsOf(logs), ["mine"]);
      assert.deepEqual(await textsOf(logs, { tail: 9 }), ["mine"]);
      assert.deepEqual(await textsOf(logs, { nodeId: "other" }), []);
      symlinkSync(join(folder, "r1"), join(folder, "r2"));
      await assert.rejects(linesOf(logs, {}, "r2"), { code: "JOURNAL_FAILED" });
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("is an error of ours for those who read", async () => {
    symlinkSync("r1", join(folder, "r1"));
    await assert.rejects(linesOf(openLogs()), {
      code: "JOURNAL_FAILED",
      message: /cannot be read: its links lead in a circle/,
    });
  });

  it("is a full disk, too, whose lines before it are read", { skip: mountSkip() }, async () => {
    await withSmallDisk(folder, 1, async (disk) => {
      const logs = openLogs({ folder: disk });
      const log = logs.open("r1", key);
      for (let index = 0; index < 100_000; index += 1) log.write("stdout", `line ${index}\n`);
      log.end();
      assert.equal(troubles.length, 1);
      assert.match(String(troubles[0]), /ENOSPC/);
      const texts = await textsOf(logs);
      assert.ok(texts.length > 1000);
      assert.equal(texts.at(-1), `line ${texts.length - 1}`);
    });
  });

  it("is none for those who only read a read-only directory", { skip: mountSkip() }, async () => {
    const root = join(folder, "logs");
    const log = openLogs({ folder: root }).open("r1", key);
    log.write("stdout", "x\n");
    log.end();
    await withReadOnly(root, async (view) => {
      const logs = openLogs({ folder: view });
      assert.deepEqual(await textsOf(logs), ["x"]);
      logs.open("r1", key).write("stdout", "y\n");
      assert.equal(troubles.length, 1);
    });
  });
});
