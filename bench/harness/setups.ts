// What runs the three nodes once, in five ways: the three floors, and Busbar on its two journals.
import { fileURLToPath } from "node:url";
import { createMemoryJournal } from "../../src/adapters/journal-memory/journal.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { RunReader } from "../../src/ports/runtime.ts";
import { type BareCalls, createBareCalls } from "../peers/bare-calls.ts";
import { openBareRows } from "../peers/bare-rows.ts";
import { createBareStreams } from "../peers/bare-streams.ts";
import { createCaller, createRuntime, openJournal, runToSuccess } from "./busbar.ts";
import { threeNodeWorkflow } from "./three-nodes.ts";

export const ECHO_SERVERS = fileURLToPath(new URL("../peers/echo-servers.ts", import.meta.url));

export interface Setup {
  /** The three nodes, once. */
  run(): Promise<unknown>;
  close(): Promise<void>;
}

export function bareSetup(addresses: readonly string[]): Setup {
  const calls = createBareCalls(addresses);
  return { run: () => calls.threeCalls(), close: async () => calls.close() };
}

/** Without grpc-js: over node:http2 alone. */
export function streamsSetup(addresses: readonly string[]): Setup {
  const calls = createBareStreams(addresses);
  return { run: () => calls.threeCalls(), close: async () => calls.close() };
}

/** With the commits that E8 costs: one of two rows before each call, and one at the end. */
export function bareCommitsSetup(addresses: readonly string[], folder: string): Setup {
  const calls: BareCalls = createBareCalls(addresses);
  const rows = openBareRows(folder);
  return {
    async run() {
      await calls.threeCalls(() => rows.commit([OUTCOME, START]));
      rows.commit([OUTCOME, START]);
    },
    async close() {
      calls.close();
      rows.close();
    },
  };
}

/** Rows as long as the journal's. */
const COMMON =
  '"at":"2026-11-23T16:33:10.123Z","run_id":"20261123T163310-3fabcd","epoch":1,"node_id":"energy-analyzer"';
const OUTCOME = `{"seq":4,${COMMON},"type":"node.succeeded","attempt":1,"output":{"success":true,"message":"Echo processed the file"},"duration_ms":0.321}`;
const START = `{"seq":5,${COMMON},"type":"node.started","attempt":1,"idempotency_key":"20261123T163310-3fabcd/energy-analyzer/1","request":{"service":"energy-analyzer","input_file":"/data/energy_data.csv","output_file":"/data/analysis_output.pb"}}`;

/** @param watchers of each run: they take all of its events as they come */
export async function sqliteSetup(addresses: readonly string[], folder: string, watchers = 0): Promise<BusbarSetup> {
  return busbarSetup(addresses, await openJournal(folder), watchers);
}

export function memorySetup(addresses: readonly string[]): Setup {
  return busbarSetup(addresses, createMemoryJournal());
}

/** With Busbar's own runtime, to look at. */
export interface BusbarSetup extends Setup {
  readonly reader: Pick<RunReader, "list" | "get">;
}

function busbarSetup(addresses: readonly string[], journal: Journal, watchers = 0): BusbarSetup {
  const workflow = threeNodeWorkflow(addresses);
  const executor = createCaller();
  const runtime = createRuntime(journal, executor, workflow);
  return {
    reader: runtime,
    run: () => runToSuccess(runtime, workflow, watchers),
    async close() {
      await runtime.close();
      await executor.close?.();
      await journal.close();
    },
  };
}

/** @returns milliseconds a run, one after another */
export async function timeRuns(setup: Setup, runs: number): Promise<number> {
  const began = performance.now();
  for (let run = 0; run < runs; run += 1) await setup.run();
  return (performance.now() - began) / runs;
}

/** @returns runs a second, `lanes` of them at any time */
export async function timeLanes(setup: Setup, lanes: number, runsEach: number): Promise<number> {
  const began = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let run = 0; run < runsEach; run += 1) await setup.run();
    }),
  );
  return (lanes * runsEach) / ((performance.now() - began) / 1000);
}
