import assert from "node:assert/strict";
import { afterEach } from "node:test";
import { checkHistory } from "../engine/rules.ts";
import { BusbarError, type ErrorInfo } from "../kernel/errors.ts";
import type { Runtime, StartedRun } from "../ports/runtime.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { type Answer, createFakeExecutor, type FakeExecutor } from "./fake-executor.ts";

/** What a runtime must offer to be put under {@link describeRuntime}. */
export interface RuntimeHarness {
  /**
   * Where an engine beside all processes keeps runs going. Left out: the process does with whose runtime a run was
   * started or resumed, and it leaves the run as it stands when it ends.
   */
  readonly engine?: RuntimeEngine;
  /** A runtime of its own process, as it were, on the store that all of this harness share. */
  open(executor: FakeExecutor): Promise<OpenRuntime>;
  /** Removes the store. */
  close(): Promise<void>;
}

/**
 * Keeps runs going with the executors of the runtimes that are open: the one that was opened first makes all attempts,
 * and once it is gone the next does.
 */
export interface RuntimeEngine {
  /**
   * Does to a run what those who look after the engine can do, and resolves when that is done.
   * @param how `kill`: nobody drives the run any more
   */
  end(runId: string, how: "kill" | "cancel"): Promise<void>;
}

/** A runtime that the suite opened, and the two ways it can end. */
export interface OpenRuntime {
  readonly runtime: Runtime;
  /** Ends it as a kill would. What it drives is left as it is; what it does for an engine is lost. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** A runtime under test, and what makes its attempts. */
export interface RuntimeUnderTest extends OpenRuntime {
  readonly executor: FakeExecutor;
  /** Ends it as `crash` does, and so that nobody drives this run of it any more. */
  leave(runId: string): Promise<void>;
}

/** A store with a first runtime on it. */
export interface RuntimeSetUp extends RuntimeUnderTest {
  readonly engine: RuntimeEngine | undefined;
  /** Another one on the same store. */
  open(answer?: Answer): Promise<RuntimeUnderTest>;
}

export type SetUp = (answer?: Answer) => Promise<RuntimeSetUp>;

/** Within a suite; what a test opened is closed after it. */
export function createSetUp(createHarness: () => Promise<RuntimeHarness>): SetUp {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });
  return async (answer) => {
    const harness = await createHarness();
    const { engine } = harness;
    opened.push(() => harness.close());
    const open = async (next?: Answer): Promise<RuntimeUnderTest> => {
      const executor = createFakeExecutor(next);
      const one = await harness.open(executor);
      opened.push(() => one.close());
      const leave = async (runId: string): Promise<void> => {
        await engine?.end(runId, "kill");
        await one.crash();
      };
      return { ...one, executor, leave };
    };
    return { open, engine, ...(await open(answer)) };
  };
}

export function start(runtime: Runtime, { definition }: Workflow, runId?: string): Promise<StartedRun> {
  return runtime.start({ definition, ...(runId === undefined ? {} : { runId }) });
}

export async function refused(code: ErrorInfo["code"], work: () => Promise<unknown>): Promise<BusbarError> {
  try {
    await work();
  } catch (thrown) {
    assert.ok(thrown instanceof BusbarError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    return thrown;
  }
  throw new assert.AssertionError({ message: `not refused with ${code}` });
}

export async function checkRules(runtime: Runtime, runId: string, workflow: Workflow): Promise<void> {
  assert.deepEqual(
    checkHistory(await runtime.events(runId), () => workflow),
    [],
  );
}
