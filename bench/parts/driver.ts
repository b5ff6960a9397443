import { createMemoryJournal } from "../../src/adapters/journal-memory/journal.ts";
import type { Executor } from "../../src/ports/executor.ts";
import { SUCCEEDED } from "../../src/testing/fake-executor.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { createRuntime, runToSuccess } from "../harness/busbar.ts";
import type { Part } from "../harness/part.ts";
import { measureInRounds } from "../harness/rounds.ts";
import { spreadOf } from "../harness/statistics.ts";

/** What a run costs before anything is called or kept: the machine, its driver, and a journal in memory. */
export const driverPart: Part = {
  name: "driver",
  about: "a chain of three nodes with an executor that answers at once and a journal in memory: the driver alone",
  async *measure(context) {
    const workflow = workflowOf("a > b > c");
    const executor: Executor = { execute: async () => SUCCEEDED };
    const runs = context.short ? 1000 : 3000;
    const { driver } = await measureInRounds(
      {
        async driver() {
          const runtime = createRuntime(createMemoryJournal(), executor, workflow);
          const began = performance.now();
          for (let run = 0; run < runs; run += 1) await runToSuccess(runtime, workflow);
          const usEach = ((performance.now() - began) * 1000) / runs;
          await runtime.close();
          return usEach;
        },
      },
      context,
    );
    const spread = spreadOf(driver);
    yield {
      part: "driver",
      name: "a run of three nodes",
      unit: "µs",
      value: spread.median,
      spread,
      rounds: context.rounds,
    };
  },
};
