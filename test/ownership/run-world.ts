import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader } from "../../src/adapters/journal-sqlite/reader.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import type { Owner } from "../../src/ports/owner.ts";
import { processOf } from "../../src/testing/journal-runs.ts";
import { type CountingService, LIFE_HEADER, type Script, startCountingService } from "../crash/counting-service.ts";
import type { EntryInput } from "../crash/entry.ts";
import { type Life, type LifeOptions, startCommand, startEntry } from "../crash/life.ts";
import { readEvents } from "../crash/place.ts";

/** A state directory, a service, and one run of two nodes in it, which several processes want. */
export interface RunWorld {
  readonly runId: string;
  readonly folder: string;
  readonly service: CountingService;
  /** `busbar run` and `busbar resume`, with events on stdout. */
  start(options?: LifeOptions): Life;
  resume(options?: LifeOptions): Life;
  /** The test entry resumes: it stops and says READY when it is about to take the run over. */
  resumeAtBarrier(life: number): Life;
  events(): Promise<readonly RunEvent[]>;
  owner(): Promise<Owner>;
  /** Kills what still runs, and removes everything. */
  close(): Promise<void>;
}

const RUN_ID = "contested";

export async function createRunWorld(script: Script): Promise<RunWorld> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-ownership-"));
  const service = await startCountingService();
  service.play(RUN_ID, script);
  const file = join(folder, "workflow.json");
  writeFileSync(file, workflowText(service.address));
  const stateDir = join(folder, "state");
  const lives: Life[] = [];
  const keep = (life: Life): Life => {
    lives.push(life);
    return life;
  };
  const common = ["--no-preflight", "--json", "--state-dir", stateDir];
  const reader = () => openJournalReader({ stateDir, clock: createSystemClock() });
  return {
    runId: RUN_ID,
    folder,
    service,
    start: (options) => keep(startCommand(["run", file, "--run-id", RUN_ID, ...common], options)),
    resume: (options) => keep(startCommand(["resume", RUN_ID, ...common], options)),
    resumeAtBarrier(life) {
      const input: EntryInput = {
        ...{ verb: "resume", runId: RUN_ID, file, stateDir, preflight: false },
        waitsBeforeTakeover: true,
      };
      return keep(startEntry(input, { life }));
    },
    events: () => readEvents(stateDir, RUN_ID),
    async owner() {
      const journal = reader();
      const run = await journal.readRun(RUN_ID);
      await journal.close();
      if (run === undefined) throw new Error("there is no run");
      return processOf(run.owner);
    },
    async close() {
      for (const life of lives) {
        life.signal("SIGCONT");
        life.signal("SIGKILL");
      }
      await Promise.all(lives.map((life) => life.ended));
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function workflowText(address: string): string {
  const node = (id: string, next: string | null): object => ({
    service: "one",
    input_file: `/data/${id}.in`,
    output_file: `/data/${id}.out`,
    next_node: next,
    retry: { max_attempts: 4, initial_backoff_seconds: 0.4, backoff_multiplier: 1 },
  });
  return JSON.stringify({
    workflow_name: "contested",
    start_node: "first",
    service_registry: { one: { address, metadata: { [LIFE_HEADER]: "${env.LIFE}" } } },
    containers: { first: node("first", "second"), second: node("second", null) },
  });
}

/** What a process that is refused must say of the owner. */
export function ownerWords(owner: Owner): readonly string[] {
  return ["RUN_OWNED", `process ${owner.pid}`, hostname(), owner.startedAt];
}
