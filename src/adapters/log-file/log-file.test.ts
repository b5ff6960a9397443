import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../engine/events.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import { traceIdOf } from "../../kernel/trace.ts";
import { formatLogLine, formatNote } from "./line.ts";
import { openLogFile } from "./log-file.ts";
import { KEPT_LOGS, MAX_LOG_BYTES, oldLogs } from "./rotate.ts";

const AT = "2025-01-01T00:00:00.123Z";
const eventOf = (body: EventBody, seq = 1): RunEvent => ({ ...body, seq, at: AT, run_id: "r1", epoch: 1 });
const succeeded = eventOf({
  type: "node.succeeded",
  node_id: "energy-analyzer",
  attempt: 1,
  output: null,
  duration_ms: 41.2,
});
const plain = { node: "host1", mask: (text: string) => text };

describe("the log file", () => {
  let folder: string;
  const troubles: unknown[] = [];
  const open = () => openLogFile({ ...plain, folder, nowIso: () => AT, onTrouble: (cause) => troubles.push(cause) });
  const read = () => readFileSync(join(folder, "orchestrator.log"), "utf8");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-log-"));
    troubles.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the line of contracts.md §5 for a finished node, with the run's trace", () => {
    const line = formatLogLine(succeeded, plain);
    assert.equal(
      line,
      '{"timestamp":"2025-01-01T00:00:00.123Z","level":"INFO","message":"node finished","service":"orchestrator",' +
        `"node":"host1","container_id":"energy-analyzer","status":"success","duration_ms":41.2,"trace_id":"${traceIdOf("r1")}"}\n`,
    );
  });

  it("writes an event that it has no words for by its type", () => {
    const unknown = { ...succeeded, type: "node.expanded" } as unknown as RunEvent;
    const { level, message, container_id, status } = JSON.parse(formatLogLine(unknown, plain));
    assert.deepEqual([level, message, container_id, status], ["INFO", "node.expanded", "energy-analyzer", undefined]);
  });

  it("says start, success or failure, and how bad it is", () => {
    const error = { code: "CALL_UNAVAILABLE", message: "gone" } as const;
    const told = [
      eventOf({ type: "run.started" }),
      eventOf({ type: "node.started", node_id: "a", attempt: 1, idempotency_key: "r1/a/1", request: null }),
      eventOf({ type: "node.attempt_failed", node_id: "a", attempt: 1, outcome: "failed", error, duration_ms: 2 }),
      eventOf({ type: "node.failed", node_id: "a", error }),
      eventOf({ type: "node.skipped", node_id: "b", reason: "upstream", because: "a" }),
      eventOf({ type: "run.failed", duration_ms: 9, error }),
    ].map((event) => {
      const { level, message, status } = JSON.parse(formatLogLine(event, plain));
      return [level, message, status];
    });
    assert.deepEqual(told, [
      ["INFO", "run r1 started", "start"],
      ["INFO", "node started", "start"],
      ["WARNING", "attempt 1 failed: CALL_UNAVAILABLE gone", "failure"],
      ["ERROR", "node failed: CALL_UNAVAILABLE gone", "failure"],
      ["WARNING", "node skipped: a", undefined],
      ["ERROR", "run r1 failed: CALL_UNAVAILABLE gone", "failure"],
    ]);
  });

  it("gives the exit code of a container as returncode", () => {
    const error = { code: "CONTAINER_FAILED", message: "exit code 3", details: { exit_code: 3 } } as const;
    const ended = [
      eventOf({ type: "node.succeeded", node_id: "a", attempt: 2, output: { exit_code: 0 }, duration_ms: 5 }),
      eventOf({ type: "node.attempt_failed", node_id: "a", attempt: 1, outcome: "failed", error, duration_ms: 2 }),
      eventOf({ type: "node.failed", node_id: "a", error }),
    ].map((event) => JSON.parse(formatLogLine(event, plain)).returncode);
    assert.deepEqual(ended, [0, 3, undefined]);
  });

  it("masks secrets before they are escaped or cut, in notes too", () => {
    for (const secret of ["tok\x1ben-123", "s3cret".repeat(1000)]) {
      const secrets = createSecrets(() => secret);
      secrets.read("KEY");
      const options = { ...plain, mask: secrets.mask };
      const message = `${"x".repeat(4000)}<${secret}>`;
      const lines = [
        formatLogLine(
          eventOf({ type: "node.failed", node_id: "a", error: { code: "CALL_UNKNOWN", message } }),
          options,
        ),
        formatNote({ timestamp: "", level: "WARNING", message }, options),
      ];
      for (const line of lines) assert.match(JSON.parse(line).message, /x<\*\*\*>$/);
    }
  });

  it("masks secrets and keeps one line a line", () => {
    const secrets = createSecrets(() => "hunter2-hunter2");
    secrets.read("TOKEN");
    const error = { code: "CALL_UNKNOWN", message: "bad token hunter2-hunter2\nat line 2" } as const;
    const line = formatLogLine(eventOf({ type: "node.failed", node_id: "a", error }), { ...plain, mask: secrets.mask });
    assert.ok(!line.includes("hunter2"));
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.equal(JSON.parse(line).message, "node failed: CALL_UNKNOWN bad token ***\\nat line 2");
  });

  it("appends to what is there", () => {
    const first = open();
    first.write([succeeded, succeeded]);
    first.close();
    const second = open();
    second.write([succeeded]);
    second.close();
    assert.equal(read(), formatLogLine(succeeded, plain).repeat(3));
  });

  it("goes on in a new file where somebody has taken it away", { skip: process.platform === "win32" }, () => {
    const log = open();
    log.write([succeeded]);
    renameSync(log.path, join(folder, "taken.log"));
    log.write([succeeded, succeeded]);
    rmSync(log.path);
    log.write([succeeded]);
    log.close();
    assert.equal(read(), formatLogLine(succeeded, plain));
    assert.equal(readFileSync(join(folder, "taken.log"), "utf8"), formatLogLine(succeeded, plain));
    assert.deepEqual(troubles, []);
  });

  it("says once that its folder was deleted, and makes none", { skip: process.platform === "win32" }, () => {
    const logs = join(folder, "logs");
    const log = openLogFile({ ...plain, folder: logs, nowIso: () => AT, onTrouble: (cause) => troubles.push(cause) });
    log.write([succeeded]);
    rmSync(logs, { recursive: true });
    for (let time = 0; time < 3; time += 1) log.write([succeeded]);
    assert.match(String(troubles), /^Error: .*orchestrator\.log was deleted while it was written$/);
    assert.ok(!existsSync(logs));
    log.close();
  });

  it("says how many lines are missing once it can be written again", { skip: process.platform === "win32" }, () => {
    const logs = join(folder, "logs");
    const log = openLogFile({ ...plain, folder: logs, nowIso: () => AT, onTrouble: (cause) => troubles.push(cause) });
    rmSync(logs, { recursive: true });
    for (let time = 0; time < 3; time += 1) log.write([succeeded, succeeded]);
    mkdirSync(logs);
    log.write([succeeded]);
    log.close();
    const [first = "", second] = readFileSync(log.path, "utf8").split("\n");
    assert.match(JSON.parse(first).message, /^6 lines could not be written and are missing here$/);
    assert.equal(`${second}\n`, formatLogLine(succeeded, plain));
    assert.equal(troubles.length, 1);
  });

  it("puts itself aside while it is written, and each line of three processes is in one of the files", async () => {
    const path = join(folder, "orchestrator.log");
    writeFileSync(path, `${"x".repeat(MAX_LOG_BYTES - 300_000)}\n`);
    const module = new URL("./log-file.ts", import.meta.url).href;
    const code = `
      const { openLogFile } = await import(${JSON.stringify(module)});
      const log = openLogFile({ folder: process.argv[1], node: process.argv[2], mask: (t) => t, nowIso: () => new Date().toISOString(), onTrouble(e) { throw e; } });
      for (let i = 0; i < 2000; i += 1) log.note({ timestamp: String(i), level: "INFO", message: "m".repeat(900) });
      log.close();`;
    const writers = ["w1", "w2", "w3"].map(
      (name) =>
        new Promise<number | null>((resolve) => {
          const child = spawn(process.execPath, ["--input-type=module", "-e", code, folder, name], {
            stdio: "inherit",
          });
          child.on("exit", resolve);
        }),
    );
    assert.deepEqual(await Promise.all(writers), [0, 0, 0]);
    const asides = oldLogs(path);
    assert.ok(asides.length >= 1 && asides.length <= 3, `${asides.length}`);
    const written = [...asides, path].flatMap((file) => readFileSync(file, "utf8").split("\n"));
    const lines = written.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    assert.equal(lines.length, 6000);
    for (const name of ["w1", "w2", "w3"]) {
      assert.equal(new Set(lines.filter(({ node }) => node === name).map(({ timestamp }) => timestamp)).size, 2000);
    }
    assert.ok(statSync(path).size <= MAX_LOG_BYTES);
  });

  it("puts a log over 10 MiB aside when it is opened, and keeps five of those", () => {
    const path = join(folder, "orchestrator.log");
    for (let index = 1; index <= KEPT_LOGS + 1; index += 1) {
      writeFileSync(path, "x".repeat(MAX_LOG_BYTES + 1));
      const nowIso = () => `2025-01-0${index}T00:00:00.000Z`;
      openLogFile({ ...plain, folder, nowIso, onTrouble: (cause) => troubles.push(cause) }).close();
    }
    assert.deepEqual(
      oldLogs(path).map((old) => old.slice(path.length + 1, path.length + 9)),
      ["20250102", "20250103", "20250104", "20250105", "20250106"],
    );
    assert.equal(read(), "");
    writeFileSync(path, "x".repeat(MAX_LOG_BYTES));
    open().close();
    assert.equal(oldLogs(path).length, KEPT_LOGS);
    assert.equal(read().length, MAX_LOG_BYTES);
    assert.deepEqual(troubles, []);
  });

  it("does not mix lines of processes that write at once", async () => {
    const module = new URL("./log-file.ts", import.meta.url).href;
    const code = `
      const { openLogFile } = await import(${JSON.stringify(module)});
      const log = openLogFile({ folder: process.argv[1], node: process.argv[2], mask: (t) => t, nowIso: () => new Date().toISOString(), onTrouble(e) { throw e; } });
      const event = { type: "node.failed", node_id: "n".repeat(90), error: { code: "INTERNAL", message: "m".repeat(900) }, seq: 1, at: "", run_id: "r", epoch: 1 };
      for (let i = 0; i < 500; i += 1) log.write([event, event]);`;
    const writers = ["w1", "w2", "w3"].map(
      (name) =>
        new Promise<number | null>((resolve) => {
          const child = spawn(process.execPath, ["--input-type=module", "-e", code, folder, name], {
            stdio: "inherit",
          });
          child.on("exit", resolve);
        }),
    );
    assert.deepEqual(await Promise.all(writers), [0, 0, 0]);
    const nodes = read()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).node);
    for (const name of ["w1", "w2", "w3"]) assert.equal(nodes.filter((node) => node === name).length, 1000);
  });

  it("tells once that it cannot write, and lets the run go on", () => {
    writeFileSync(join(folder, "file"), "");
    const log = openLogFile({
      ...plain,
      folder: join(folder, "file", "logs"),
      nowIso: () => AT,
      onTrouble: (cause) => troubles.push(cause),
    });
    log.write([succeeded]);
    log.close();
    assert.equal(troubles.length, 1);
    assert.deepEqual(readdirSync(folder), ["file"]);
  });
});
