// The public API of the package `busbar`, listed by hand.
export { createGrpcExecutor, type GrpcExecutorOptions } from "./adapters/executor-grpc/executor.ts";
export { createMemoryJournal } from "./adapters/journal-memory/journal.ts";
export { openSqliteJournal, type SqliteJournal, type SqliteJournalOptions } from "./adapters/journal-sqlite/journal.ts";
export { openJournalReader, type SqliteReader } from "./adapters/journal-sqlite/reader.ts";
export { type JournalRequesterOptions, openJournalRequester } from "./adapters/journal-sqlite/requester.ts";
export { createSystemClock } from "./adapters/system/clock.ts";
export { createSystemIds } from "./adapters/system/ids.ts";
export { createSystemRandom } from "./adapters/system/random.ts";
export { readWorkflowFile, type WorkflowFile } from "./adapters/workflow-file/read-file.ts";
export type { EventBody, EventType, RunEvent } from "./engine/events.ts";
export type { Finding } from "./engine/finding.ts";
export type { Violation } from "./engine/history.ts";
export type { RequestAnswer, RequestKind } from "./engine/requests.ts";
export { checkHistory } from "./engine/rules.ts";
export type { AttemptOutcome, NodeCounts, NodeStatus, RunStatus } from "./engine/status.ts";
export type { RunSummary } from "./engine/summary.ts";
export type { Graph } from "./graph/graph.ts";
export { type GraphFormat, renderGraph } from "./graph/render.ts";
export type { Clock } from "./kernel/clock.ts";
export type { Diagnostic, LocatedDiagnostic } from "./kernel/diagnostics.ts";
export { ERRORS, type ErrorCode, type ErrorEntry } from "./kernel/error-table.ts";
export { BusbarError, type ErrorInfo } from "./kernel/errors.ts";
export type { Ids } from "./kernel/ids.ts";
export type { Json, JsonObject } from "./kernel/json.ts";
export type { Random } from "./kernel/random.ts";
export type { Result } from "./kernel/result.ts";
export { createSecrets, type Secrets } from "./kernel/secrets.ts";
export type { Attempt, AttemptFailure, Executor, Outcome, PreflightOptions, Succeeded } from "./ports/executor.ts";
export type { Journal, JournalReader, JournalRequester, RunRecord, StoredRun, StoredRuns } from "./ports/journal.ts";
export type { Owner } from "./ports/owner.ts";
export type { NewRequest, RequestRecord } from "./ports/requests.ts";
export type { RunFilter } from "./ports/run-filter.ts";
export type {
  AttemptView,
  NodeView,
  RunListing,
  Runtime,
  RunView,
  StartInput,
  TerminalEvent,
} from "./ports/runtime.ts";
export { createLocalRuntime, type LocalRuntimeOptions } from "./runtimes/local/runtime.ts";
export type { Definition } from "./spec/model/definition.ts";
export type { ParamValues } from "./spec/model/param.ts";
export { readParams } from "./spec/params.ts";
export { parseWorkflow } from "./spec/parse.ts";
export { formatDiagnostic } from "./spec/text/format.ts";
export { locateDiagnostics } from "./spec/text/locate.ts";
export type { ParseOptions, WorkflowSource } from "./spec/text/source.ts";
export type { Workflow, WorkflowNode } from "./spec/workflow.ts";
