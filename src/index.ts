// The public API of the package `busbar`, listed by hand: what one can call, and every type that it names.
export { createDockerExecutor, type DockerExecutorOptions } from "./adapters/executor-docker/executor.ts";
export type { JournalOfContainers } from "./adapters/executor-docker/identity.ts";
export { createGrpcExecutor, type GrpcExecutorOptions } from "./adapters/executor-grpc/executor.ts";
export { createMemoryJournal, type MemoryJournal } from "./adapters/journal-memory/journal.ts";
export type { JournalIdentity } from "./adapters/journal-sqlite/identity.ts";
export { openSqliteJournal, type SqliteJournal, type SqliteJournalOptions } from "./adapters/journal-sqlite/journal.ts";
export { type JournalReaderOptions, openJournalReader, type SqliteReader } from "./adapters/journal-sqlite/reader.ts";
export { type JournalRequesterOptions, openJournalRequester } from "./adapters/journal-sqlite/requester.ts";
export type { LogLimits } from "./adapters/run-logs/limits.ts";
export { createRunLogs, type RunLogsOptions } from "./adapters/run-logs/run-logs.ts";
export { createSystemClock } from "./adapters/system/clock.ts";
export { createSystemIds } from "./adapters/system/ids.ts";
export { createSystemRandom } from "./adapters/system/random.ts";
export { readWorkflowFile, type WorkflowFile } from "./adapters/workflow-file/read-file.ts";
export type { Busbar, BusbarOptions, CancelOptions, PauseOptions } from "./app/busbar.ts";
export type { CheckInput, CheckOptions } from "./app/check.ts";
export type { ReadWorkflow } from "./app/definitions.ts";
export { createLocalRuntime } from "./app/local-runtime.ts";
export { openBusbar } from "./app/open-busbar.ts";
export { openRunReader, type RunReaderOptions } from "./app/open-run-reader.ts";
export type { OpenRunReader } from "./app/reader.ts";
export type {
  EventBody,
  EventEnvelope,
  EventType,
  NodeAttemptFailed,
  NodeCancelled,
  NodeFailed,
  NodeSkipped,
  NodeStarted,
  NodeSucceeded,
  RunCancelled,
  RunCancelRequested,
  RunChecked,
  RunCreated,
  RunEvent,
  RunFailed,
  RunPaused,
  RunResumed,
  RunStarted,
  RunSucceeded,
  RunUnpaused,
} from "./engine/events.ts";
export type {
  CalledAgain,
  Ending,
  Explanation,
  FirstCause,
  Limit,
  NeededToRun,
  NodeExplanation,
  NodeReason,
  QueueWait,
  RunReason,
} from "./engine/explanation.ts";
export type { Finding } from "./engine/finding.ts";
export { HISTORY_RULES, type HistoryRule, type Violation } from "./engine/history.ts";
export type { Answer, RequestAnswer, RequestKind } from "./engine/requests.ts";
export { checkHistory } from "./engine/rules.ts";
export {
  type AttemptOutcome,
  NODE_STATUSES,
  type NodeCounts,
  type NodeStatus,
  RUN_STATUSES,
  type RunStatus,
} from "./engine/status.ts";
export type { RunSummary } from "./engine/summary.ts";
export type { Graph } from "./graph/graph.ts";
export { type Drawing, GRAPH_FORMATS, type GraphFormat, renderGraph } from "./graph/render.ts";
export type { CancelTimer, Clock } from "./kernel/clock.ts";
export type { Diagnostic, LocatedDiagnostic, TreePath } from "./kernel/diagnostics.ts";
export { ERRORS, type ErrorCode, type ErrorEntry } from "./kernel/error-table.ts";
export { BusbarError, type BusbarErrorOptions, type ErrorInfo, toErrorInfo } from "./kernel/errors.ts";
export type { Ids } from "./kernel/ids.ts";
export type { Json, JsonObject } from "./kernel/json.ts";
export type { PieceMask } from "./kernel/mask-pieces.ts";
export type { Random } from "./kernel/random.ts";
export type { Result } from "./kernel/result.ts";
export { createSecrets, type Secrets } from "./kernel/secrets.ts";
export {
  type AccessReader,
  type AuditEntry,
  type AuditLog,
  type AuditPage,
  type MadeToken,
  type NewAuditEntry,
  type NewToken,
  ROLES,
  type Role,
  type TokenRecord,
  type TokenStore,
} from "./ports/access.ts";
export type { AttemptKey } from "./ports/attempt-key.ts";
export type { IntegrityCheck, IntegrityFinding } from "./ports/checks.ts";
export {
  type Attempt,
  type AttemptFailure,
  type Executor,
  LEAVE,
  type Needs,
  type Outcome,
  type PreflightOptions,
  type Recovery,
  type Succeeded,
} from "./ports/executor.ts";
export type { FeedItem, FeedPage } from "./ports/feed.ts";
export type {
  Append,
  Journal,
  JournalReader,
  JournalRequester,
  NewRun,
  RunRecord,
  StoredRun,
  StoredRuns,
  TakeOver,
} from "./ports/journal.ts";
export type { ClusterOwner, Owner } from "./ports/owner.ts";
export type { NewRequest, RequestRecord } from "./ports/requests.ts";
export type { Retention } from "./ports/retention.ts";
export type { Idempotency, KeyedRun, RunFacts, RunOrigin } from "./ports/run-facts.ts";
export type { RunFilter } from "./ports/run-filter.ts";
export type { AttemptLog, LogFilter, LogLine, LogStream, RunLogs } from "./ports/run-logs.ts";
export type { OutcomePage, OutcomePlace, Outcomes, RunCounts, RunOutcome } from "./ports/run-outcomes.ts";
export type {
  AttemptView,
  CloseOptions,
  DefinitionText,
  FeedOptions,
  NewRunOptions,
  NodeView,
  RequestInput,
  RequestResult,
  RerunOptions,
  RerunRun,
  ResumedRun,
  ResumeOptions,
  RunControl,
  RunList,
  RunListing,
  RunOwner,
  RunReader,
  Runtime,
  RunView,
  StartedRun,
  StartInput,
  TerminalEvent,
  WaitOptions,
  WatchOptions,
} from "./ports/runtime.ts";
export type { OnStall } from "./runtimes/local/context.ts";
export type { RunObserver } from "./runtimes/local/observers.ts";
export type { LocalRuntime, LocalRuntimeOptions } from "./runtimes/local/runtime.ts";
export type { Executors } from "./runtimes/shared/executors.ts";
export type { ReadDefinition } from "./runtimes/shared/load.ts";
export type { QueueFacts } from "./runtimes/shared/run-queue.ts";
export type { ContainerOption, MountParts } from "./workflow/kinds/docker/container-option.ts";
export type { Container, DockerNode } from "./workflow/kinds/docker/node.ts";
export type { GrpcNode } from "./workflow/kinds/grpc/node.ts";
export type { Concurrency, WhenFull } from "./workflow/model/concurrency.ts";
export type { Definition } from "./workflow/model/definition.ts";
export type { NodeBase } from "./workflow/model/node.ts";
export type { ParamDeclaration, ParamValue, ParamValues } from "./workflow/model/param.ts";
export type { RetryPolicy } from "./workflow/model/retry.ts";
export type { Service, Tls } from "./workflow/model/service.ts";
export type { Reference, Template, TemplatePart } from "./workflow/model/template.ts";
export { readParams } from "./workflow/params.ts";
export { parseWorkflow } from "./workflow/parse.ts";
export type { AddressEntry, AddressRule, AddressRules } from "./workflow/policy/addresses.ts";
export type { IpBytes, IpRange } from "./workflow/policy/ip.ts";
export type { HostPolicy } from "./workflow/policy/policy.ts";
export { type PolicyInput, readPolicy } from "./workflow/policy/read-policy.ts";
export { formatDiagnostic } from "./workflow/text/format.ts";
export { locateDiagnostics } from "./workflow/text/locate.ts";
export type { ReadText, Span, Target, YamlReader } from "./workflow/text/read-text.ts";
export type { ParseOptions, WorkflowSource } from "./workflow/text/source.ts";
export type { Workflow, WorkflowNode } from "./workflow/workflow.ts";
