// The public edge: what programs without types give the functions of a Busbar is checked here, and nowhere further in.
import { REQUEST_KINDS } from "../engine/requests.ts";
import { RUN_STATUSES } from "../engine/status.ts";
import {
  refuseArgument,
  requireBoolean,
  requireEach,
  requireFunction,
  requireIfGiven,
  requireMs,
  requireObject,
  requireOneOf,
  requireSignal,
  requireText,
  requireTimestamp,
  requireWhole,
  requireWord,
} from "../kernel/arguments.ts";
import { MAX_PRIORITY, MIN_PRIORITY, RUN_ORIGINS } from "../ports/run-facts.ts";
import type { LogFilter } from "../ports/run-logs.ts";
import type { NewRunOptions, RunReader } from "../ports/runtime.ts";
import type { Busbar } from "./busbar.ts";

type Arguments<F extends keyof Busbar> = Parameters<Busbar[F]>;

/** The same reader, which refuses wrong arguments with USAGE. */
export function checkReaderArguments(reader: RunReader): RunReader {
  return {
    async get(runId) {
      requireRunId("runId", runId);
      return reader.get(runId);
    },
    async list(filter = {}) {
      requireFilter(filter);
      return reader.list(filter);
    },
    async resolve(name) {
      requireText("name", name, "the id of a run or its beginning, a text");
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
      requireOptions("options", options);
      requireIfGiven("options.afterSeq", options.afterSeq, (at, value) => requireWhole(at, value, 0));
      return reader.watch(runId, options);
    },
    feed(options = {}) {
      requireOptions("options", options);
      requireIfGiven("options.after", options.after, requireText);
      requireIfGiven("options.follow", options.follow, requireBoolean);
      return reader.feed(options);
    },
    async wait(runId, options = {}) {
      requireRunId("runId", runId);
      requireOptions("options", options);
      return reader.wait(runId, options);
    },
    logs(runId, filter = {}) {
      requireRunId("runId", runId);
      requireLogFilter(filter);
      return reader.logs(runId, filter);
    },
  };
}

/** The same Busbar, which refuses wrong arguments with USAGE. */
export function checkArguments(busbar: Busbar): Busbar {
  return {
    ...busbar,
    ...checkReaderArguments(busbar),
    async start(input) {
      requireStart(input);
      return busbar.start(input);
    },
    async resume(runId, options) {
      requireResume(runId, options);
      return busbar.resume(runId, options);
    },
    async rerun(runId, options = {}) {
      requireRerun(runId, options);
      return busbar.rerun(runId, options);
    },
    async request(input) {
      requireRequest(input);
      return busbar.request(input);
    },
    async pause(runId, options = {}) {
      requireAsking(runId, options);
      return busbar.pause(runId, options);
    },
    async unpause(runId, options = {}) {
      requireAsking(runId, options);
      return busbar.unpause(runId, options);
    },
    async cancel(runId, options = {}) {
      requireAsking(runId, options);
      requireIfGiven("options.reason", options.reason, requireText);
      return busbar.cancel(runId, options);
    },
    async check(input, options = {}) {
      requireObject("input", input, "an object {definition, params}");
      requireDefinition("input.definition", input.definition);
      requireIfGiven("input.params", input.params, requireParams);
      requireOptions("options", options);
      requireIfGiven("options.timeoutMs", options.timeoutMs, requireMs);
      requireIfGiven("options.waitMs", options.waitMs, requireMs);
      requireIfGiven("options.onWaiting", options.onWaiting, requireFunction);
      return busbar.check(input, options);
    },
    async close(options = {}) {
      requireObject("options", options);
      requireIfGiven("options.graceMs", options.graceMs, requireMs);
      return busbar.close(options);
    },
  };
}

function requireStart(...[input]: Arguments<"start">): void {
  requireObject("input", input, "an object {definition, params}");
  requireDefinition("input.definition", input.definition);
  requireIfGiven("input.params", input.params, requireParams);
  requireNewRun("input", input);
}

function requireNewRun(name: string, { runId, priority, idempotency, preflight, audit }: NewRunOptions): void {
  requireIfGiven(`${name}.runId`, runId, requireRunId);
  requireIfGiven(`${name}.priority`, priority, (at, value) => requireWhole(at, value, MIN_PRIORITY, MAX_PRIORITY));
  requireIfGiven(`${name}.idempotency`, idempotency, (at, value) => {
    requireObject(at, value, "an object {key, hash}");
    const { key, hash } = value as { readonly [field: string]: unknown };
    requireWord(`${at}.key`, key);
    requireWord(`${at}.hash`, hash);
  });
  requireIfGiven(`${name}.preflight`, preflight, requirePreflight);
  requireIfGiven(`${name}.audit`, audit, requireObject);
}

function requireResume(...[runId, options]: Arguments<"resume">): void {
  requireRunId("runId", runId);
  requireObject("options", options, "an object {by}");
  requireWord("options.by", options.by);
  requireIfGiven("options.definition", options.definition, requireDefinition);
  requireIfGiven("options.recovery", options.recovery, requireBoolean);
  if (options.recovery === true && options.definition !== undefined) {
    refuseArgument("options.definition", "left out where nobody asks for the run to go on", options.definition);
  }
  requireIfGiven("options.preflight", options.preflight, requirePreflight);
}

function requireRerun(...[runId, options = {}]: Arguments<"rerun">): void {
  requireRunId("runId", runId);
  requireObject("options", options);
  requireIfGiven("options.from", options.from, (at, value) => requireEach(at, value, isText, "the id of a node"));
  requireIfGiven("options.params", options.params, requireParams);
  requireIfGiven("options.definition", options.definition, requireDefinition);
  requireNewRun("options", options);
}

const isText = (value: unknown): boolean => typeof value === "string";

function requireAsking(...[runId, options = {}]: Arguments<"pause">): void {
  requireRunId("runId", runId);
  requireOptions("options", options);
  requireIfGiven("options.by", options.by, requireWord);
}

function requireRequest(...[input]: Arguments<"request">): void {
  requireOptions("input", input, "an object {runId, kind, key, by}");
  requireRunId("input.runId", input.runId);
  requireOneOf("input.kind", input.kind, REQUEST_KINDS);
  requireWord("input.key", input.key);
  requireWord("input.by", input.by);
  requireIfGiven("input.reason", input.reason, requireText);
  requireIfGiven("input.until", input.until, (at, value) => requireOneOf(at, value, ["recorded", "answered"]));
}

function requireFilter(...[filter = {}]: Arguments<"list">): void {
  requireObject("filter", filter);
  requireIfGiven("filter.status", filter.status, (at, value) => requireOneOf(at, value, RUN_STATUSES));
  requireIfGiven("filter.workflow", filter.workflow, requireText);
  requireIfGiven("filter.text", filter.text, requireText);
  requireIfGiven("filter.interrupted", filter.interrupted, requireBoolean);
  requireIfGiven("filter.since", filter.since, requireTimestamp);
  requireIfGiven("filter.createdBefore", filter.createdBefore, requireTimestamp);
  requireIfGiven("filter.origin", filter.origin, (at, value) => requireOneOf(at, value, RUN_ORIGINS));
  requireIfGiven("filter.ended", filter.ended, requireBoolean);
  requireIfGiven("filter.endedSince", filter.endedSince, requireTimestamp);
  requireIfGiven("filter.endedBefore", filter.endedBefore, requireTimestamp);
  requireIfGiven("filter.before", filter.before, requireText);
  requireIfGiven("filter.limit", filter.limit, (at, value) => requireWhole(at, value, 0));
}

function requireLogFilter(filter: LogFilter): void {
  requireObject("filter", filter);
  requireIfGiven("filter.nodeId", filter.nodeId, requireText);
  requireIfGiven("filter.attempt", filter.attempt, (at, value) => {
    if (value !== "latest") requireWhole(at, value, 1);
  });
  requireIfGiven("filter.tail", filter.tail, (at, value) => requireWhole(at, value, 0));
  requireIfGiven("filter.until", filter.until, requireSignal);
}

function requireRunId(name: string, value: unknown): void {
  requireText(name, value, "the id of a run, a text");
}

/** An object that may have a signal. */
function requireOptions(name: string, value: unknown, expected?: string): void {
  requireObject(name, value, expected);
  const { signal } = value as { readonly signal?: unknown };
  requireIfGiven(`${name}.signal`, signal, requireSignal);
}

function requireDefinition(name: string, value: unknown): void {
  requireObject(name, value, "an object {format, text}");
  const { format, text, file } = value as { readonly [field: string]: unknown };
  requireOneOf(`${name}.format`, format, ["json", "yaml"]);
  requireText(`${name}.text`, text);
  requireIfGiven(`${name}.file`, file, requireWord);
}

function requireParams(name: string, value: unknown): void {
  requireObject(name, value, "an object of values by the names of params");
}

function requirePreflight(name: string, value: unknown): void {
  requireObject(name, value, "an object {timeoutMs, waitMs}");
  const { timeoutMs, waitMs, onWaiting } = value as { readonly [field: string]: unknown };
  requireMs(`${name}.timeoutMs`, timeoutMs);
  requireMs(`${name}.waitMs`, waitMs);
  requireIfGiven(`${name}.onWaiting`, onWaiting, requireFunction);
}
