// The sentences for why a run and its nodes stand where they stand: `show` and `explain` take them from here.
import type { CalledAgain, Limit, NodeReason, QueueWait } from "../../engine/explanation.ts";
import { asClause } from "../../kernel/sentences.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { RunView } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import { describeOwner } from "./describe-owner.ts";
import { describeTime } from "./describe-time.ts";
import { listNames } from "./list-names.ts";
import { quoteArgument } from "./quote.ts";

/** Why a run stands where it stands, in one line; undefined of one that has succeeded. */
export function whyRun(run: RunView, formatCommand: FormatCommand): string | undefined {
  const { reason } = run.explanation;
  const outstanding = run.nodes.filter(({ status }) => status === "running").map(({ id }) => id);
  const waiting = outstanding.length === 0 ? "" : `; ${listNames(outstanding)} ${areOrIs(outstanding)} still running`;
  const owner = `${run.owner?.pid === undefined ? "its " : ""}${describeOwner(run.owner)}`;
  switch (reason.kind) {
    case "ended":
      return whyEnded(run);
    case "interrupted":
      return `nobody drives it: ${owner} is gone${whyNotRecovered(reason.recoveries)}`;
    case "left":
      return `nobody drives it: ${owner} has let go of it`;
    case "stalled":
      return `its journal takes nothing since ${describeTime(reason.since)}: ${reason.error.code}${waiting}`;
    case "cancelling":
      return `being cancelled ${byWhom(reason)}${waiting}`;
    case "run_timeout":
      return `stopped by its total_timeout_seconds${waiting}`;
    case "stopping":
      return `stops since ${escapeControls(reason.node_id)} failed (on_failure: stop)${waiting}`;
    case "refused":
      return `preflight failed${waiting}`;
    case "paused":
      return `paused: no attempt starts${waiting}`;
    case "preflight":
      return `${waitsForNeeds(reason)} (preflight)${lookWith(run, formatCommand)}`;
    case "sweep":
      return "ends what an earlier owner left at work";
    case "queued":
      return whyQueued(reason);
    case "preparing": {
      const turn = run.origin === "server" ? "waits for its turn, " : "";
      const before = run.started_at === undefined && turn !== "" ? "" : "ends what an earlier owner left, ";
      return `${turn}${before}or ${waitsForNeeds(reason)} (preflight)${lookWith(run, formatCommand)}`;
    }
    case "under_way":
      return whyUnderWay(run, outstanding);
  }
}

function whyNotRecovered(recoveries: number | undefined): string {
  if (recoveries === undefined) return "";
  return `; taken over ${recoveries} times in vain, and by no server any more unless somebody resumes it`;
}

function whyEnded({ status, explanation: { cause } }: RunView): string | undefined {
  if (status === "succeeded") return undefined;
  switch (cause?.kind) {
    case "node":
      return `${escapeControls(cause.node_id)} failed: ${cause.error.code}`;
    case "preflight": {
      const names = [...new Set(cause.findings.map(({ service, node }) => service ?? node ?? ""))];
      return `${listNames(names)} ${areOrIs(names)} not ready: ${[...new Set(cause.findings.map(({ code }) => code))].join(", ")}`;
    }
    case "cancel":
      return `cancelled ${byWhom(cause)}`;
    case "error":
      return escapeControls(`${cause.error.code}: ${cause.error.message}`);
    case undefined:
      return undefined;
  }
}

function whyUnderWay({ explanation }: RunView, outstanding: readonly string[]): string {
  if (outstanding.length > 0) return `${listNames(outstanding)} ${areOrIs(outstanding)} running`;
  const first = explanation.nodes.find(({ reason }) => reason.kind !== "upstream");
  return first === undefined
    ? "about to end"
    : `${escapeControls(first.id)} waits: ${whyNode(first.reason, explanation.limits).replace(/^waits /, "")}`;
}

function whyQueued({ ahead, limit, max_runs, key }: QueueWait): string {
  const before = ahead === 0 ? "it is next" : `${ahead} ${ahead === 1 ? "run is" : "runs are"} before it`;
  if (limit === "server") return `waits for its turn: the server has ${max_runs} at once (--max-runs); ${before}`;
  const forKey = key === undefined ? "" : ` for the key "${key}"`;
  return escapeControls(`waits for its turn: the workflow has ${max_runs} at once${forKey} (concurrency); ${before}`);
}

function byWhom({ by, reason }: { readonly by: string; readonly reason?: string }): string {
  return escapeControls(`by ${by}${reason === undefined ? "" : `: ${reason}`}`);
}

function areOrIs(names: readonly string[]): "are" | "is" {
  return names.length === 1 ? "is" : "are";
}

type Needs = Extract<RunView["explanation"]["reason"], { kind: "preflight" | "preparing" }>;

function waitsForNeeds({ services, nodes }: Needs): string {
  const needs = [
    ...services.map(({ name, address }) => `${name} at ${address}`),
    ...(nodes.length === 0 ? [] : [`what ${nodes.join(", ")} need${nodes.length === 1 ? "s" : ""}`]),
  ];
  return escapeControls(`waits for ${needs.join(", ")}`);
}

/** What a preflight finds until it is over only its owner knows; a check finds the same. */
function lookWith(run: RunView, formatCommand: FormatCommand): string {
  if (run.file === undefined) return "";
  const params = Object.entries(run.params).map(([name, value]) => ` --param ${quoteArgument(`${name}=${value}`)}`);
  return `; look with ${formatCommand(`check ${quoteArgument(run.file)}${params.join("")}`)}`;
}

/** Why a node that has not settled stands where it stands, in one line. */
export function whyNode(reason: NodeReason, limits: readonly Limit[]): string {
  switch (reason.kind) {
    case "upstream":
      return `waits for ${listNames(reason.waits_for)}`;
    case "running": {
      const { since, until, ending } = reason;
      const end = ending === undefined ? `until ${describeTime(until)} at the latest` : ENDINGS[ending];
      return `since ${describeTime(since)}, ${end}`;
    }
    case "recovery": {
      const end = reason.ending === undefined ? "looked for, or followed to its end" : ENDINGS[reason.ending];
      return `attempt ${reason.attempt} of an earlier owner, since ${describeTime(reason.since)}: ${end}`;
    }
    case "retry":
      return `again at ${describeTime(reason.retry_at)}: attempt ${reason.attempt} ${reason.outcome.replace("_", " ")}: ${reason.error.code}`;
    case "due":
      return `waited until ${describeTime(reason.retry_at)}; starts as soon as it is its turn${ofService(reason.service)}`;
    case "max_parallel":
    case "slot":
      return whyLimited(reason, limits);
    case "starting":
      return "about to start";
    case "preflight":
      return "waits for the preflight";
    case "sweep":
      return "waits for what an earlier owner left to end";
    case "preparing":
      return `waits for the run to be prepared${ofService(reason.service)}`;
    case "queued":
      return "waits for the run's turn";
    case "paused":
      return "paused";
    case "interrupted":
    case "left":
      return reason.attempt === undefined ? "nobody drives the run" : `attempt ${reason.attempt} has no owner any more`;
    case "stalled":
      return "waits for the journal";
    case "ended":
      return "not called";
    case "cancelling":
    case "stopping":
    case "run_timeout":
    case "refused":
      return "will not be called";
  }
}

const ENDINGS = {
  cancel: "being cancelled",
  run_timeout: "being ended: the run's total_timeout_seconds is over",
  changed: "being ended: the workflow file has changed",
} as const;

function ofService(service: string | undefined): string {
  return service === undefined ? "" : `, and ${escapeControls(service)} has a free slot`;
}

function whyLimited(reason: Extract<NodeReason, { kind: "max_parallel" | "slot" }>, limits: readonly Limit[]): string {
  const limit = limits.find((one) =>
    one.kind === "slot" && reason.kind === "slot" ? one.service === reason.service : one.kind === reason.kind,
  );
  if (limit === undefined) return "waits for a limit";
  const mine = listNames(limit.held_by);
  if (limit.kind === "max_parallel") return `waits for one of ${mine}: max_parallel is ${limit.limit}`;
  const isMine = limit.held_by.length >= limit.limit;
  const hold = `${isMine && limit.held_by.length === 1 ? "holds" : "hold"} ${limit.limit === 1 ? "it" : "them"}`;
  const others = isMine ? "" : `${mine === "" ? "" : " and "}other runs of the same process`;
  return `waits for a slot of ${escapeControls(limit.service)} at ${escapeControls(limit.address)} (max_concurrency ${limit.limit}): ${mine}${others} ${hold}`;
}

/** Why a node was called again: `a, attempt 2: attempt 1 was lost (NODE_LOST)`. */
export function whyAgain({ node_id, attempt, because, outcome, error }: CalledAgain): string {
  const what = outcome.replace("_", " ");
  const before = outcome === "lost" || outcome === "cancelled" ? `was ${what}` : what;
  const how =
    because === "resume" ? `the run was resumed; attempt ${attempt - 1} ${before}` : `attempt ${attempt - 1} ${before}`;
  return escapeControls(`${node_id}, attempt ${attempt}: ${how}: ${error.code}: ${asClause(error.message)}`);
}
