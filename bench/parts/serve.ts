import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "../../scripts/built.ts";
import { createMemoryJournal } from "../../src/adapters/journal-memory/journal.ts";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import type { NewRun } from "../../src/ports/journal.ts";
import { newRun, summaryWith } from "../../src/testing/journal-runs.ts";
import { createCaller, createRuntime, runToSuccess } from "../harness/busbar.ts";
import { startChild } from "../harness/child.ts";
import { withFolder } from "../harness/folders.ts";
import { createHttpClient, type HttpClient, type HttpServer } from "../harness/http.ts";
import type { BenchContext, Part } from "../harness/part.ts";
import { type Result, ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { ECHO_SERVERS, sqliteSetup } from "../harness/setups.ts";
import { spreadOf } from "../harness/statistics.ts";
import { threeNodeFile, threeNodeWorkflow } from "../harness/three-nodes.ts";

const API_SERVER = fileURLToPath(new URL("../peers/api-server.ts", import.meta.url));
const STORED = 10_000;
const STORED_AT_START = 100_000;
/** Requests of which one round takes the 99th percentile. */
const REQUESTS = 300;
const NODE_MS = 10;
const CLIENTS = 100;

/** What it costs that runs are served over HTTP. */
export const servePart: Part = {
  name: "serve",
  about: "`busbar serve`: reading, a run through the API, streams, memory, start",
  async *measure(context) {
    yield* measureReading(context);
    yield* measureRun(context);
    yield* measureStreams(context);
    yield* measureProcess(context);
  },
};

async function* measureReading(context: BenchContext): AsyncGenerator<Result> {
  const stateDir = join(context.folder, "read");
  context.say(`  recording ${STORED.toLocaleString("en")} runs`);
  await record(stateDir, STORED, await exampleRun());
  const server = await startChild<HttpServer>([API_SERVER, stateDir]);
  const client = createHttpClient(server.said);
  try {
    const p99 = (path: (turn: number) => string) => async () => {
      const took: number[] = [];
      for (let turn = 0; turn < REQUESTS; turn += 1) {
        const began = performance.now();
        await client.call("GET", path(turn));
        took.push(performance.now() - began);
      }
      return took.toSorted((a, b) => a - b)[Math.floor(REQUESTS * 0.99)] ?? Number.NaN;
    };
    let turn = 0;
    const samples = await measureInRounds(
      {
        bare: p99(() => "/bare"),
        list: p99(() => "/api/v1/runs?status=succeeded"),
        get: p99(() => `/api/v1/runs/${idOf((turn++ * 7919) % STORED)}`),
      },
      context,
    );
    for (const name of ["list", "get"] as const) {
      yield ratioResult(
        "serve",
        `${name} among ${STORED.toLocaleString("en")} runs, p99, to a bare handler`,
        ratioOf(samples[name], samples.bare),
        context.rounds,
        {
          asked: { bound: "at most", value: 5 },
          note: `${inMs(samples[name])} to ${inMs(samples.bare)}`,
        },
      );
    }
  } finally {
    client.close();
    await server.stop();
  }
}

async function* measureRun(context: BenchContext): AsyncGenerator<Result> {
  const slow = await startChild<readonly string[]>([ECHO_SERVERS, String(NODE_MS)]);
  const quick = await startChild<readonly string[]>([ECHO_SERVERS]);
  const server = await startChild<HttpServer>([API_SERVER, join(context.folder, "run")]);
  const client = createHttpClient(server.said);
  const here = await sqliteSetup(slow.said, join(context.folder, "here"));
  const quickHere = await sqliteSetup(quick.said, join(context.folder, "quick"));
  try {
    const runs = context.short ? 5 : 10;
    const timed = (run: () => Promise<unknown>, count: number) => async () => {
      const began = performance.now();
      for (let turn = 0; turn < count; turn += 1) await run();
      return (performance.now() - began) / count;
    };
    const throughApi = (addresses: readonly string[]) => () => runThroughApi(client, threeNodeFile(addresses));
    const samples = await measureInRounds(
      {
        api: timed(throughApi(slow.said), runs),
        here: timed(() => here.run(), runs),
        quickApi: timed(throughApi(quick.said), 5 * runs),
        quickHere: timed(() => quickHere.run(), 5 * runs),
      },
      context,
    );
    yield ratioResult(
      "serve",
      `a run of three nodes of ${NODE_MS} ms through the API, to one in this process`,
      ratioOf(samples.api, samples.here),
      context.rounds,
      {
        asked: { bound: "at most", value: 1.3 },
        note: `${inMs(samples.api)} to ${inMs(samples.here)}`,
      },
    );
    yield {
      ...{ part: "serve", name: "what the API adds to a run whose nodes answer at once", unit: "µs" },
      value: Math.round(1000 * (spreadOf(samples.quickApi).median - spreadOf(samples.quickHere).median)),
      note: `${inMs(samples.quickApi)} to ${inMs(samples.quickHere)}`,
    };
  } finally {
    client.close();
    await here.close();
    await quickHere.close();
    await server.stop();
    await Promise.all([slow.stop(), quick.stop()]);
  }
}

async function runThroughApi(client: HttpClient, text: string): Promise<void> {
  const { run_id } = await client.call<{ readonly run_id: string }>("POST", "/api/v1/runs", {
    definition: { format: "json", text },
    preflight: false,
  });
  await client.countEvents(`/api/v1/runs/${run_id}/events`);
}

/** One run of many nodes at 500 events a second, and clients that each follow it. */
async function* measureStreams(context: BenchContext): AsyncGenerator<Result> {
  const nodes = context.short ? 300 : 1_000;
  const rounds = context.full ? context.rounds : context.short ? 3 : 5;
  const [parallel, delayMs] = [5, 20];
  const slow = await startChild<readonly string[]>([ECHO_SERVERS, String(delayMs)]);
  const server = await startChild<HttpServer>([API_SERVER, join(context.folder, "streams")]);
  const client = createHttpClient(server.said);
  const ids = Array.from({ length: nodes }, (_, index) => `n${index}`);
  const text = JSON.stringify({
    workflow_name: "wide",
    max_parallel: parallel,
    start_node: ids,
    service_registry: { s: slow.said[0] },
    containers: Object.fromEntries(ids.map((id) => [id, { service: "s", input_file: "i", output_file: "o" }])),
  });
  const follow = (clients: number) => async () => {
    const { run_id } = await client.call<{ readonly run_id: string }>("POST", "/api/v1/runs", {
      definition: { format: "json", text },
      preflight: false,
    });
    const path = `/api/v1/runs/${run_id}/events`;
    const counts = Promise.all(Array.from({ length: clients }, () => client.countEvents(path)));
    for (;;) {
      const { end } = await client.call<{ readonly end: unknown }>("GET", `/api/v1/runs/${run_id}/wait`);
      if (end !== null) break;
    }
    const { duration_ms, last_seq } = await client.call<{ duration_ms: number; last_seq: number }>(
      "GET",
      `/api/v1/runs/${run_id}`,
    );
    for (const count of await counts) {
      if (count !== last_seq) throw new Error(`a client saw ${count} of ${last_seq} events`);
    }
    return duration_ms;
  };
  try {
    const samples = await measureInRounds({ followed: follow(CLIENTS), alone: follow(0) }, { ...context, rounds });
    yield ratioResult(
      "serve",
      `a run of ${nodes} nodes that ${CLIENTS} clients follow, to one that none does`,
      ratioOf(samples.followed, samples.alone),
      rounds,
      {
        asked: { bound: "at most", value: 1.25 },
        note: `${inMs(samples.followed)} to ${inMs(samples.alone)}`,
      },
    );
  } finally {
    client.close();
    await server.stop();
    await slow.stop();
  }
}

async function* measureProcess(context: BenchContext): AsyncGenerator<Result> {
  const stored = join(context.folder, "stored");
  context.say(`  recording ${STORED_AT_START.toLocaleString("en")} runs`);
  await record(stored, STORED_AT_START);
  const rounds = Math.min(context.rounds, 15);
  const started = async (stateDir: string): Promise<number> => {
    const began = performance.now();
    const serving = await startServe(stateDir);
    const took = performance.now() - began;
    await stop(serving);
    return took;
  };
  const samples = await measureInRounds(
    {
      stored: () => started(stored),
      empty: () => withFolder(context.folder, started),
    },
    { ...context, rounds },
  );
  yield ratioResult(
    "serve",
    `start with ${STORED_AT_START.toLocaleString("en")} runs, to one with none`,
    ratioOf(samples.stored, samples.empty),
    rounds,
    {
      asked: { bound: "at most", value: 1.5 },
      note: `${inMs(samples.stored)} to ${inMs(samples.empty)}`,
    },
  );
  const idle = await startServe(stored);
  await sleep(3_000);
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${idle.pid}/status`))?.[1];
  await stop(idle);
  if (kib !== undefined) {
    yield {
      ...{ part: "serve", name: "memory of an idle server (resident)", unit: "MB" },
      value: (Number(kib) * 1024) / 1e6,
      asked: { bound: "at most", value: 120 },
    };
  }
}

async function startServe(stateDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [ensureBuilt(), "serve", "--port", "0", "--state-dir", stateDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("no standard output");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("READY")) return child;
  }
  throw new Error("busbar serve ended before it was ready");
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux.
    return "";
  }
}

const idOf = (index: number): string => `20261126T000000-${String(index).padStart(8, "0")}`;

type Example = Omit<NewRun, "runId">;

/** What a run of three nodes records. */
async function exampleRun(): Promise<Example> {
  const servers = await startChild<readonly string[]>([ECHO_SERVERS]);
  const workflow = threeNodeWorkflow(servers.said);
  const journal = createMemoryJournal();
  const executor = createCaller();
  const runtime = createRuntime(journal, executor, workflow);
  try {
    const runId = await runToSuccess(runtime, workflow);
    const stored = await journal.readStored(runId);
    if (stored === undefined) throw new Error("the run is gone");
    return { definition: workflow.definition, events: stored.events, summary: stored.record.summary };
  } finally {
    await runtime.close();
    await executor.close?.();
    await journal.close();
    await servers.stop();
  }
}

/** @param example what each run has recorded; without one, that it was created */
async function record(stateDir: string, count: number, example?: Example): Promise<void> {
  mkdirSync(stateDir, { recursive: true });
  const journal = await openSqliteJournal({
    ...{ stateDir, clock: createSystemClock(), ids: createSystemIds(), pid: process.pid, host: hostname() },
    synchronous: "OFF",
  });
  const BATCH = 1000;
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    await Promise.all(
      Array.from({ length: size }, (_, index) => {
        const runId = idOf(from + index);
        if (example !== undefined) return journal.create({ ...example, runId, events: eventsAs(runId, example) });
        const summary = summaryWith("succeeded", { ended_at: "2026-11-26T00:00:01.000Z", duration_ms: 1000 });
        return journal.create(newRun(runId, { summary }));
      }),
    );
  }
  await journal.close();
}

function eventsAs(runId: string, { events }: Example): readonly RunEvent[] {
  const [first] = events;
  return JSON.parse(JSON.stringify(events).replaceAll(first?.run_id ?? "", runId));
}

function inMs(values: readonly number[]): string {
  return `${spreadOf(values).median.toFixed(2)} ms`;
}
