// The public API of the package `busbar`, listed by hand.
export { createGrpcExecutor, type GrpcExecutorOptions } from "./adapters/executor-grpc/executor.ts";
export { createMemoryJournal } from "./adapters/journal-memory/journal.ts";
export { openSqliteJournal, type SqliteJournal, type SqliteJournalOptions } from "./adapters/journal-sqlite/journal.ts";
export { openJournalReader, type SqliteReader } from "./adapters/journal-sqlite/reader.ts";
export { createSystemClock } from "./adapters/system/clock.ts";
export { createSystemIds } from "./adapters/system/ids.ts";
export { createSystemRandom } from "./adapters/system/random.ts";
export { readWorkflowFile, type WorkflowFile } from "./adapters/workflow-file/read-file.ts";
export type { EventBody, EventType, RunEvent } from "./engine/events.ts";
export type { Violation } from "./engine/history.ts";
export { checkHistory } from "./engine/rules.ts";
export type { AttemptOutcome, NodeCounts, NodeStatus, RunStatus } from "./engine/status.ts";
export type { RunSummary } from "./engine/summary.ts";
export type { Graph } from "./graph/graph.ts";
export { type GraphFormat, renderGraph } from "./graph/render.ts";
export type { Clock } from "./kernel/clock.ts";
export type { Diagnostic, LocatedDiagnostic } from "./kernel/diagnostics.ts";
export { ERRORS, type ErrorCode, type ErrorEntry } from "./kernel/error-table.ts";
export { BusbarError, type BusbarErrorOptions, type ErrorInfo, toErrorInfo } from "./kernel/errors.ts";
export type { Ids } from "./kernel/ids.ts";
export type { Json, JsonObject } from "./kernel/json.ts";
export type { Random } from "./kernel/random.ts";
export type { Result } from "./kernel/result.ts";
export { createSecrets, type Secrets } from "./kernel/secrets.ts";
export type { Attempt, AttemptFailure, Executor, Outcome, PreflightOptions, Succeeded } from "./ports/executor.ts";
export type { Finding } from "./ports/finding.ts";
export type { Journal, JournalReader, RunFilter, RunRecord } from "./ports/journal.ts";
export type {
  AttemptView,
  NodeView,
  RunHandle,
  RunListing,
  Runtime,
  RunView,
  StartInput,
  TerminalEvent,
} from "./ports/runtime.ts";
export { createLocalRuntime, type LocalRuntimeOptions } from "./runtimes/local/runtime.ts";
export { formatDiagnostic } from "./spec/format.ts";
export { locateDiagnostics } from "./spec/locate.ts";
export { readParams } from "./spec/params.ts";
export { type ParseOptions, parseWorkflow, type WorkflowSource } from "./spec/parse.ts";
export type { Definition, ParamValues, Workflow, WorkflowNode } from "./spec/workflow.ts";
