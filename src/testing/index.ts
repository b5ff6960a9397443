// The public API of `busbar/testing`, listed by hand: what authors of journals, runtimes and executors test with.
export { type AttemptKind, describeExecutor, type ExecutorHarness } from "./executor-suite.ts";
export { type Answer, createFakeExecutor, type FakeExecutor, SUCCEEDED, untilAborted } from "./fake-executor.ts";
export { describeJournal, type JournalHarness, type JournalWriter } from "./journal-suite.ts";
export { runToWrite, writeRun } from "./journal-writer.ts";
export type { OpenRuntime, RuntimeEngine, RuntimeHarness } from "./runtime-harness.ts";
export { describeRuntime } from "./runtime-suite.ts";
export { type WorkflowOfOptions, workflowOf } from "./workflow-of.ts";
