// Why a run stands where it stands, and what to do: the words of the line under its name. They are those of `busbar
// explain`, ordered for somebody who has never seen the run: what happened, what follows from it, what to do.
import { whyRun } from "../../src/cli/render/why.ts";
import type { NodeState, RunState } from "../../src/engine/state.ts";
import { type ErrorInfo, remedyOf } from "../../src/kernel/errors.ts";
import { asSentence } from "../../src/kernel/sentences.ts";
import type { RunView } from "../../src/ports/runtime.ts";
import type { RunView as ApiRunView } from "../api/shapes.ts";
import type { ShownStatus } from "./shown-status.ts";

export interface RunWords {
  /** Which icon and colour the line has. */
  readonly status: ShownStatus;
  readonly cause: string;
  /** What it affected. */
  readonly consequence?: string;
  /** What a person should do; commands in it stand in backquotes. */
  readonly remedy?: string;
  /** What to type next, as the words after `busbar`. */
  readonly next?: string;
  readonly code?: string;
}

/**
 * @param run   as the server told it last
 * @param state as its events tell it now
 * @returns undefined of a run that has succeeded: there is nothing to explain
 */
export function runWords(run: ApiRunView, state: RunState): RunWords | undefined {
  const told = asTold(run, state);
  const { reason, cause, next } = told.explanation;
  const step = next === undefined || next.startsWith("watch ") ? {} : { next };
  const isEnded = reason.kind === "ended";
  if (isEnded && told.status === "succeeded") return undefined;
  const status = ICONS[reason.kind] ?? (isEnded ? told.status : "running");
  switch (cause?.kind) {
    case "node": {
      const { node_id, error } = cause;
      const remedy = [remedyOf(error, { runId: run.run_id, nodeId: node_id }), whatItRead(state, node_id, error.code)]
        .filter(Boolean)
        .join(" ");
      return {
        status: isEnded ? "failed" : status === "running" ? "failed" : status,
        cause: `${node_id} failed${afterAttempts(state, node_id)}: ${asSentence(withoutAddress(error, node_id))}`,
        consequence: consequenceOf(state, node_id, isEnded),
        ...(remedy === "" ? {} : { remedy }),
        ...step,
        code: error.code,
      };
    }
    case "preflight": {
      const [first] = cause.findings;
      const more = cause.findings.length - 1;
      const others = more === 0 ? "" : ` ${more} more ${more === 1 ? "thing is" : "things are"} missing.`;
      const remedy = first === undefined ? "" : remedyOf({ code: first.code }, { runId: run.run_id });
      return {
        status: "failed",
        cause: `Preflight failed: ${first === undefined ? "" : asSentence(withoutRemedy(first.message, remedy))}${others}`,
        consequence: "No node was called.",
        ...(remedy === "" ? {} : { remedy }),
        ...step,
        ...(first === undefined ? {} : { code: first.code }),
      };
    }
    case "error": {
      const remedy = remedyOf(cause.error, { runId: run.run_id });
      return {
        status: "failed",
        cause: asSentence(cause.error.message),
        ...(remedy === "" ? {} : { remedy }),
        ...step,
        code: cause.error.code,
      };
    }
    default: {
      const why = whyRun(told, (words) => `\`busbar ${words}\``) ?? "";
      return { status, cause: asSentence(capital(why, state)), ...lossOf(reason.kind, state), ...step };
    }
  }
}

/** What holds up a run has an icon of its own; all others have that of the run's status. */
const ICONS: { readonly [kind: string]: ShownStatus | undefined } = {
  interrupted: "interrupted",
  left: "interrupted",
  stalled: "waiting",
  paused: "paused",
  queued: "waiting",
  preparing: "waiting",
  preflight: "waiting",
  sweep: "waiting",
  cancelling: "cancelled",
  run_timeout: "failed",
  refused: "failed",
  stopping: "failed",
};

/** The run as the server told it, with what its events tell since. The port's types are those of the API, said closer. */
function asTold(run: ApiRunView, state: RunState): RunView {
  const nodes = run.nodes.map((node) => ({ ...node, status: state.nodes.get(node.id)?.status ?? node.status }));
  return { ...run, status: state.status, nodes } as unknown as RunView;
}

function afterAttempts(state: RunState, nodeId: string): string {
  const attempts = state.nodes.get(nodeId)?.attempts.length ?? 0;
  return attempts > 1 ? ` after ${attempts} attempts` : "";
}

/**
 * A service mostly has the name of the node that calls it: `a failed: a at localhost:50051 …` says it twice. Where the
 * service itself says what is wrong, where it is does not matter.
 */
function withoutAddress({ code, message }: ErrorInfo, nodeId: string): string {
  if (code === "NODE_REPORTED_FAILURE") return message.replace(/^.*? at \S+ reported failure: /s, "");
  return message.startsWith(`${nodeId} at `) ? message.slice(nodeId.length + 4) : message;
}

/** What preflight finds says what to do in the same breath: it has a line of its own here. */
function withoutRemedy(message: string, remedy: string): string {
  const last = message.replace(/\.$/, "");
  const said = remedy.replace(/\.$/, "");
  return said !== "" && last.endsWith(`. ${said}`) ? last.slice(0, -said.length - 2) : message;
}

/** Codes that are mostly about what a node was given to read. */
const ABOUT_INPUT: ReadonlySet<string> = new Set([
  ...["NODE_REPORTED_FAILURE", "CALL_INVALID_ARGUMENT", "CALL_NOT_FOUND", "CALL_FAILED_PRECONDITION"],
  "CALL_OUT_OF_RANGE",
]);

/** Which file that is, and which node has made it. */
function whatItRead({ nodes, byPosition }: RunState, nodeId: string, code: string): string {
  const node = nodes.get(nodeId);
  const file = fileOf(node, "input_file");
  if (file === undefined || file.includes("`") || !ABOUT_INPUT.has(code)) return "";
  const maker = node?.upstream.map((at) => byPosition[at]).find((one) => fileOf(one, "output_file") === file);
  return `It reads \`${file}\`${maker === undefined ? "" : `, which ${maker.id} has made`}.`;
}

function fileOf(node: NodeState | undefined, key: "input_file" | "output_file"): string | undefined {
  const { request } = node ?? {};
  if (typeof request !== "object" || request === null || !(key in request)) return undefined;
  const file = (request as { readonly [key: string]: unknown })[key];
  return typeof file === "string" ? file : undefined;
}

/** What follows from the failure of a node, and whether others have failed beside it. */
function consequenceOf(state: RunState, nodeId: string, isEnded: boolean): string {
  const more = state.counts.failed - 1;
  const failed = more < 1 ? "" : `${more} more ${more === 1 ? "node has" : "nodes have"} failed.`;
  return [skippedBy(state, nodeId), failed, goesOn(state, isEnded)].filter(Boolean).join(" ");
}

function skippedBy(state: RunState, nodeId: string): string {
  const skipped = state.byPosition.filter(({ because }) => because === nodeId).map(({ id }) => id);
  if (skipped.length === 1) return `${skipped[0]} was skipped because of it.`;
  if (skipped.length > 1) return `${countOf(skipped.length)} behind it were skipped.`;
  const stopped = state.byPosition.filter(({ skipReason }) => skipReason === "run_stopped").length;
  return stopped === 0 ? "" : `${countOf(stopped)} did not run: the run stopped.`;
}

function goesOn({ counts }: RunState, isEnded: boolean): string {
  if (isEnded || counts.running + counts.waiting + counts.pending === 0) return "";
  return "The other branches go on; resume when the run has ended.";
}

function countOf(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}

/** Ids of nodes are not changed, wherever they stand. */
function capital(text: string, { nodes }: RunState): string {
  const [first = ""] = text.split(/[\s,;:]/);
  return nodes.has(first) ? text : text.replace(/^./u, (letter) => letter.toUpperCase());
}

/** What is not known of a run that nobody drives. */
function lossOf(kind: string, { byPosition }: RunState): Pick<RunWords, "consequence" | "remedy"> {
  if (kind === "under_way") return againOf(byPosition);
  if (kind !== "interrupted" && kind !== "left") return {};
  const lost = byPosition.filter(({ status }) => status === "running").map(({ id }) => id);
  const more = lost.length - 3;
  const names = `${lost.slice(0, 3).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return {
    ...(lost.length === 0
      ? {}
      : { consequence: `${names} ${lost.length === 1 ? "was" : "were"} under way, and nobody knows how that ended.` }),
    remedy: "Resume it: what has succeeded is not done again.",
  };
}

/** What is being done a second time, since nobody knows how the first one ended. */
function againOf(nodes: readonly NodeState[]): Pick<RunWords, "consequence"> {
  const again = nodes.filter(({ status, attempts }) => status === "running" && attempts.at(-2)?.outcome === "lost");
  const [first, ...more] = again;
  if (first === undefined) return {};
  const others = more.length === 0 ? " is" : ` and ${more.length} more are`;
  return { consequence: `${first.id}${others} called again: the process that called before is gone.` };
}
