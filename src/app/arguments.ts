// The public edge: what programs without types give the functions of a Busbar is checked here, and nowhere further in.
import { REQUEST_KINDS } from "../engine/requests.ts";
import { RUN_STATUSES } from "../engine/status.ts";
import {
  type Check,
  type FieldChecks,
  isFields,
  optional,
  refuseArgument,
  requireBoolean,
  requireEach,
  requireFields,
  requireFunction,
  requireIfGiven,
  requireMethods,
  requireMs,
  requireObject,
  requireOneOf,
  requireSignal,
  requireText,
  requireTimestamp,
  requireWhole,
  requireWord,
} from "../kernel/arguments.ts";
import { type NewAuditEntry, ROLES } from "../ports/access.ts";
import type { PreflightOptions } from "../ports/executor.ts";
import { type Idempotency, MAX_PRIORITY, MIN_PRIORITY, RUN_ORIGINS } from "../ports/run-facts.ts";
import type { RunFilter } from "../ports/run-filter.ts";
import type { LogFilter } from "../ports/run-logs.ts";
import type {
  CloseOptions,
  FeedOptions,
  NewRunOptions,
  RequestInput,
  RerunOptions,
  ResumeOptions,
  RunControl,
  RunReader,
  StartInput,
  WaitOptions,
  WatchOptions,
} from "../ports/runtime.ts";
import type { Executors } from "../runtimes/shared/executors.ts";
import { KINDS } from "../workflow/kinds/kinds.ts";
import type { Busbar, CancelOptions, PauseOptions } from "./busbar.ts";
import type { CheckInput, CheckOptions } from "./check.ts";

/** The same reader, which refuses wrong arguments with USAGE. */
export function checkReaderArguments(reader: RunReader): RunReader {
  return {
    async get(runId) {
      requireRunId("runId", runId);
      return reader.get(runId);
    },
    async list(filter = {}) {
      requireFields("filter", filter, FILTER);
      return reader.list(filter);
    },
    async resolve(name) {
      requireWord("name", name, "the id of a run or its beginning, a text that is not empty");
      return reader.resolve(name);
    },
    async events(runId, afterSeq = 0, limit) {
      requireRunId("runId", runId);
      requireWhole("afterSeq", afterSeq, 0);
      requireIfGiven("limit", limit, (at, value) => requireWhole(at, value, 1));
      return reader.events(runId, afterSeq, limit);
    },
    async findByKey(key) {
      requireText("key", key);
      return reader.findByKey(key);
    },
    watch(runId, options = {}) {
      requireRunId("runId", runId);
      requireFields("options", options, WATCH);
      return reader.watch(runId, options);
    },
    feed(options = {}) {
      requireFields("options", options, FEED);
      return reader.feed(options);
    },
    async wait(runId, options = {}) {
      requireRunId("runId", runId);
      requireFields("options", options, WAIT);
      return reader.wait(runId, options);
    },
    logs(runId, filter = {}) {
      requireRunId("runId", runId);
      requireFields("filter", filter, LOG_FILTER);
      return reader.logs(runId, filter);
    },
  };
}

/** The same, of what acts on runs. */
export function checkControlArguments(control: RunControl): RunControl {
  return {
    async start(input) {
      requireFields("input", input, START, "an object {definition, params}");
      return control.start(input);
    },
    async resume(runId, options) {
      requireRunId("runId", runId);
      requireFields("options", options, RESUME, "an object {by}");
      if (options.recovery === true && options.definition !== undefined) {
        refuseArgument("options.definition", "left out where nobody asks for the run to go on", options.definition);
      }
      return control.resume(runId, options);
    },
    async rerun(runId, options = {}) {
      requireRunId("runId", runId);
      requireFields("options", options, RERUN);
      return control.rerun(runId, options);
    },
    async request(input) {
      requireFields("input", input, REQUEST, "an object {runId, kind, key, by}");
      return control.request(input);
    },
  };
}

/** The same Busbar, which refuses wrong arguments with USAGE. */
export function checkArguments(busbar: Busbar): Busbar {
  return {
    ...busbar,
    ...checkReaderArguments(busbar),
    ...checkControlArguments(busbar),
    async pause(runId, options = {}) {
      requireRunId("runId", runId);
      requireFields("options", options, PAUSE);
      return busbar.pause(runId, options);
    },
    async unpause(runId, options = {}) {
      requireRunId("runId", runId);
      requireFields("options", options, PAUSE);
      return busbar.unpause(runId, options);
    },
    async cancel(runId, options = {}) {
      requireRunId("runId", runId);
      requireFields("options", options, CANCEL);
      return busbar.cancel(runId, options);
    },
    async check(input, options = {}) {
      requireFields("input", input, CHECK_INPUT, "an object {definition, params}");
      requireFields("options", options, CHECK);
      return busbar.check(input, options);
    },
    async close(options = {}) {
      requireFields("options", options, CLOSE);
      return busbar.close(options);
    },
  };
}

const requireRunId: Check = (name, value) => requireText(name, value, "the id of a run, a text");
const whole =
  (min: number, max?: number): Check =>
  (name, value) =>
    requireWhole(name, value, min, max);
const oneOf =
  (allowed: readonly string[]): Check =>
  (name, value) =>
    requireOneOf(name, value, allowed);

const requireExecutor: Check = (name, value) => requireMethods(name, value, ["execute"]);
const EXECUTORS = Object.fromEntries(
  KINDS.map(({ executor }) => [executor, optional(requireExecutor)]),
) as FieldChecks<Executors>;

/** An executor of one's own for each kind of node that is to have one. */
export const requireExecutors: Check = (name, value) => requireFields(name, value, EXECUTORS);

/** Whatever else a definition that was read has, as its hash, may stand there too. */
const requireDefinition: Check = (name, value) => {
  requireObject(name, value, "an object {format, text}");
  const { format, text, file } = value as { readonly [field: string]: unknown };
  requireOneOf(`${name}.format`, format, ["json", "yaml"]);
  requireText(`${name}.text`, text);
  requireIfGiven(`${name}.file`, file, requireWord);
};

/** A Map or a promise of them has fields of its own, and none of them is a param. */
const requireParams: Check = (name, value) => {
  const isPlain = isFields(value) && Object.prototype.toString.call(value) === "[object Object]";
  if (!isPlain) refuseArgument(name, "an object of values by the names of params", value);
};

const PREFLIGHT: FieldChecks<PreflightOptions> = {
  timeoutMs: requireMs,
  waitMs: requireMs,
  onWaiting: optional(requireFunction),
  tellUnchecked: optional(requireBoolean),
};

const IDEMPOTENCY: FieldChecks<Idempotency> = { key: requireWord, hash: requireWord };

const AUDIT: FieldChecks<NewAuditEntry> = {
  at: requireTimestamp,
  by: requireWord,
  role: optional(oneOf(ROLES)),
  address: optional(requireText),
  action: requireWord,
  run_id: optional(requireText),
  workflow: optional(requireText),
  token_id: optional(requireText),
  outcome: requireWord,
};

const NEW_RUN: FieldChecks<NewRunOptions> = {
  runId: optional(requireRunId),
  priority: optional(whole(MIN_PRIORITY, MAX_PRIORITY)),
  idempotency: optional((name, value) => requireFields(name, value, IDEMPOTENCY, "an object {key, hash}")),
  preflight: optional((name, value) => requireFields(name, value, PREFLIGHT, "an object {timeoutMs, waitMs}")),
  audit: optional((name, value) => requireFields(name, value, AUDIT, "an object {at, by, action, outcome}")),
};

const START: FieldChecks<StartInput> = {
  definition: requireDefinition,
  params: optional(requireParams),
  ...NEW_RUN,
};

const RERUN: FieldChecks<RerunOptions> = {
  from: optional((name, value) => requireEach(name, value, (item) => typeof item === "string", "the id of a node")),
  params: optional(requireParams),
  definition: optional(requireDefinition),
  ...NEW_RUN,
};

const RESUME: FieldChecks<ResumeOptions> = {
  by: requireWord,
  definition: optional(requireDefinition),
  recovery: optional(requireBoolean),
  preflight: NEW_RUN.preflight,
};

const WAIT: FieldChecks<WaitOptions> = { signal: optional(requireSignal) };
const WATCH: FieldChecks<WatchOptions> = { afterSeq: optional(whole(0)), ...WAIT };
const FEED: FieldChecks<FeedOptions> = { after: optional(requireText), follow: optional(requireBoolean), ...WAIT };
const CLOSE: FieldChecks<CloseOptions> = { graceMs: optional(requireMs) };

const PAUSE: FieldChecks<PauseOptions> = { by: optional(requireWord), ...WAIT };
const CANCEL: FieldChecks<CancelOptions> = { ...PAUSE, reason: optional(requireText) };

const REQUEST: FieldChecks<RequestInput> = {
  runId: requireRunId,
  kind: oneOf(REQUEST_KINDS),
  key: requireWord,
  by: requireWord,
  reason: optional(requireText),
  until: optional(oneOf(["recorded", "answered"])),
  ...WAIT,
};

const CHECK_INPUT: FieldChecks<CheckInput> = { definition: requireDefinition, params: optional(requireParams) };
const CHECK: FieldChecks<CheckOptions> = {
  timeoutMs: optional(requireMs),
  waitMs: optional(requireMs),
  onWaiting: optional(requireFunction),
  ...WAIT,
};

const FILTER: FieldChecks<RunFilter> = {
  status: optional(oneOf(RUN_STATUSES)),
  workflow: optional(requireText),
  text: optional(requireText),
  interrupted: optional(requireBoolean),
  since: optional(requireTimestamp),
  createdBefore: optional(requireTimestamp),
  origin: optional(oneOf(RUN_ORIGINS)),
  ended: optional(requireBoolean),
  endedSince: optional(requireTimestamp),
  endedBefore: optional(requireTimestamp),
  before: optional(requireText),
  limit: optional(whole(0)),
};

const LOG_FILTER: FieldChecks<LogFilter> = {
  nodeId: optional(requireText),
  attempt: optional((name, value) => {
    if (value !== "latest") requireWhole(name, value, 1);
  }),
  tail: optional(whole(0)),
  until: optional(requireSignal),
};
