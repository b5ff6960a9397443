// What an outcome rests on is shown by the system calls, and not by SIGKILL, which leaves the page cache alone (E8).
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { RunEvent } from "../src/engine/events.ts";
import { requirePeer } from "../src/testing/require.ts";
import { type CountingService, startCountingService } from "./crash/counting-service.ts";
import type { EntryInput } from "./crash/entry.ts";
import { type Life, type LifeOptions, startCommand, startEntry } from "./crash/life.ts";
import { type Place, preparePlace, readEvents } from "./crash/place.ts";
import { createScenario } from "./crash/scenario.ts";
import { findStrace, traceInto } from "./durability/strace.ts";
import { judge, type Verdict } from "./durability/verdict.ts";

const strace = requirePeer("strace", findStrace);
const SEED = 21;

describe("durable first, by the system calls of a run", { skip: strace.skip, timeout: 120_000 }, () => {
  let folder = "";
  let service: CountingService;
  let runs = 0;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "busbar-durability-"));
    service = await startCountingService();
  });
  after(async () => {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Traced {
    readonly trace: string;
    readonly events: readonly RunEvent[];
    readonly verdict: Verdict;
  }

  /** Traces one run of a random workflow with retries. */
  async function trace(
    isWide: boolean,
    start: (place: Place, runId: string, options: LifeOptions) => Life,
  ): Promise<Traced> {
    runs += 1;
    const runId = `traced-${runs}`;
    const scenario = createScenario(SEED + runs, { isWide, mayFail: false, address: service.address });
    const place = preparePlace(folder, runId, scenario.text, true);
    service.play(runId, scenario.script);
    const file = join(folder, `${runId}.trace`);
    const under = traceInto(strace.found ? strace.peer : "", file);
    const ended = await start(place, runId, { under }).ended;
    assert.equal(ended.code, 0, ended.stderr);
    const events = await readEvents(place.stateDir, runId);
    const text = readFileSync(file, "utf8");
    return { trace: text, events, verdict: verdictOf(text, events) };
  }

  const verdictOf = (text: string, events: readonly RunEvent[]): Verdict =>
    judge(text, events, Number(service.address.split(":").at(-1)), (nodeId) => `/data/${nodeId}.in`);
  const command = (place: Place, runId: string, options: LifeOptions): Life =>
    startCommand(["run", place.file, "--run-id", runId, "--json", "--state-dir", place.stateDir], options);
  const entry = (synchronous: "FULL" | "OFF") => (place: Place, runId: string, options: LifeOptions) => {
    const { file, stateDir } = place;
    const input: EntryInput = { verb: "run", runId, file, stateDir, preflight: true, synchronous };
    return startEntry(input, options);
  };
  const assertDurable = ({ verdict, events }: Traced): void => {
    assert.deepEqual(verdict.earlySends, []);
    assert.deepEqual(verdict.earlyLines, []);
    assert.equal(verdict.sends, events.filter((event) => event.type === "node.started").length);
    assert.equal(verdict.lines, events.length);
    assert.ok(verdict.syncs > 0);
  };

  it("sends a call and prints an event only after a sync that covers its record (E8)", async () => {
    assertDurable(await trace(false, command));
  });

  it("does so as well where calls run beside one another", async () => {
    const traced = await trace(true, command);
    assertDurable(traced);
    const retried = traced.events.filter((event) => event.type === "node.attempt_failed").length;
    assert.ok(retried > 0, `seed ${SEED} has no retry`);
  });

  it("is not shown by a trace in which every second sync is missing", async () => {
    const traced = await trace(true, entry("FULL"));
    assertDurable(traced);
    let syncs = 0;
    const isKept = (line: string): boolean => {
      if (!/ f(data)?sync\(/.test(line)) return true;
      syncs += 1;
      return syncs % 2 === 0;
    };
    const { earlySends, earlyLines } = verdictOf(traced.trace.split("\n").filter(isKept).join("\n"), traced.events);
    assert.ok(earlySends.length > 0);
    assert.ok(earlyLines.length > 0);
  });

  it("is not kept with synchronous=OFF: every call and every line comes too early", async () => {
    const { verdict } = await trace(true, entry("OFF"));
    assert.ok(verdict.sends > 0);
    assert.equal(verdict.earlySends.length, verdict.sends);
    assert.equal(verdict.earlyLines.length, verdict.lines);
  });
});
