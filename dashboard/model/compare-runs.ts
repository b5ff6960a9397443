// Two runs side by side: what became of each node in both, and what they were asked with.
import { formatDuration } from "../../src/kernel/durations.ts";
import type { RunView } from "../api/shapes.ts";

type NodeView = RunView["nodes"][number];

/** What is needed of a run. */
export type ComparedRun = Pick<
  RunView,
  "run_id" | "workflow" | "status" | "duration_ms" | "params" | "definition_hash" | "nodes"
>;

/** A node in one of the runs. */
export interface NodeSide {
  readonly status: NodeView["status"];
  /** From its first start to its last end, with what it waited between attempts; undefined while it has not ended. */
  readonly tookMs?: number;
  readonly attempts: number;
  /** Why it stands so, in a few words: a code, or whose output it is. */
  readonly why?: string;
}

/** A node in both: `undefined` where a run's workflow does not have it. */
export interface NodePair {
  readonly id: string;
  readonly a?: NodeSide;
  readonly b?: NodeSide;
  /** How much longer it took in b; below zero: how much shorter. Undefined where it did not end alike in both. */
  readonly longerMs?: number;
  /** Something about it is another in b: its outcome, or clearly how long it took. */
  readonly differs: boolean;
}

/** A param in both; undefined where a run has no such. */
export interface ParamPair {
  readonly name: string;
  readonly a?: string;
  readonly b?: string;
}

export interface Comparison {
  /** In the order of a's workflow; what only b has stands at the end. */
  readonly nodes: readonly NodePair[];
  /** Those that differ. */
  readonly params: readonly ParamPair[];
  /** How many are the same. */
  readonly sameParams: number;
  readonly isSameDefinition: boolean;
}

/** Times of runs of one workflow are never quite the same: only what is both of this is told as a difference. */
const NOTABLE_MS = 100;
const NOTABLE_SHARE = 0.2;

export function compareRuns(a: ComparedRun, b: ComparedRun): Comparison {
  const [inA, inB] = [a, b].map(({ nodes }) => new Map(nodes.map((node) => [node.id, node])));
  const ids = new Set([...(inA?.keys() ?? []), ...(inB?.keys() ?? [])]);
  // As maps: a param may be called toString.
  const [ofA, ofB] = [new Map(Object.entries(a.params)), new Map(Object.entries(b.params))];
  const names = [...new Set([...ofA.keys(), ...ofB.keys()])];
  const params = names.filter((name) => ofA.get(name) !== ofB.get(name));
  return {
    nodes: [...ids].map((id) => pairOf(id, inA?.get(id), inB?.get(id))),
    params: params.map((name) => ({ name, ...given("a", ofA.get(name)), ...given("b", ofB.get(name)) })),
    sameParams: names.length - params.length,
    isSameDefinition: a.definition_hash === b.definition_hash,
  };
}

function given<K extends string>(key: K, value: RunView["params"][string] | undefined): { readonly [k in K]?: string } {
  return value === undefined ? {} : ({ [key]: String(value) } as { [k in K]: string });
}

function pairOf(id: string, inA: NodeView | undefined, inB: NodeView | undefined): NodePair {
  const a = inA === undefined ? undefined : sideOf(inA);
  const b = inB === undefined ? undefined : sideOf(inB);
  // How long it took to fail says nothing beside how long it takes to succeed.
  const longerMs =
    a?.tookMs === undefined || b?.tookMs === undefined || a.status !== b.status ? undefined : b.tookMs - a.tookMs;
  const differs = a?.status !== b?.status || (longerMs !== undefined && isNotable(longerMs, a?.tookMs ?? 0));
  return {
    id,
    differs,
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
    ...(longerMs === undefined ? {} : { longerMs }),
  };
}

function isNotable(longerMs: number, beforeMs: number): boolean {
  return Math.abs(longerMs) >= Math.max(NOTABLE_MS, beforeMs * NOTABLE_SHARE);
}

function sideOf({ status, attempts, error, reused_from, because }: NodeView): NodeSide {
  const tookMs = tookOf(attempts);
  const why =
    (status === "failed" ? error?.code : undefined) ??
    (reused_from === undefined ? undefined : `from ${reused_from}`) ??
    (because === undefined ? undefined : `because of ${because}`);
  return {
    status,
    attempts: attempts.length,
    ...(tookMs === undefined ? {} : { tookMs }),
    ...(why === undefined ? {} : { why }),
  };
}

function tookOf(attempts: NodeView["attempts"]): number | undefined {
  const [first, last] = [attempts[0], attempts.at(-1)];
  if (first === undefined || last?.duration_ms === undefined) return undefined;
  return Math.max(0, Date.parse(last.started_at) - Date.parse(first.started_at)) + last.duration_ms;
}

/** A difference of durations: `+1.2 s`, `-40 ms`, and how many times as long where that says more. */
export function describeLonger(longerMs: number, beforeMs: number): string {
  if (Math.abs(longerMs) < 1) return "the same";
  const sign = longerMs > 0 ? "+" : "−";
  const times = beforeMs > 0 ? (beforeMs + longerMs) / beforeMs : 0;
  const told = longerMs > 0 && times >= 1.5 ? `, ${times >= 10 ? Math.round(times) : times.toFixed(1)}×` : "";
  return `${sign}${formatDuration(Math.abs(longerMs))}${told}`;
}

const ENDED: { readonly [status in ComparedRun["status"]]: { readonly one: string; readonly many: string } } = {
  pending: { one: "has not started", many: "have not started" },
  running: { one: "is running", many: "are running" },
  succeeded: { one: "succeeded", many: "succeeded" },
  failed: { one: "failed", many: "failed" },
  cancelled: { one: "was cancelled", many: "were cancelled" },
};

/** What is different about b, in sentences: the most important first. */
export function summarizeComparison(a: ComparedRun, b: ComparedRun, comparison: Comparison): readonly string[] {
  const sentences: string[] = [];
  const [howA, howB] = [ENDED[a.status], ENDED[b.status]];
  sentences.push(a.status === b.status ? `Both ${howA.many}.` : `A ${howA.one}, B ${howB.one}.`);
  if (a.status === b.status && a.duration_ms !== undefined && b.duration_ms !== undefined) {
    const longerMs = b.duration_ms - a.duration_ms;
    if (isNotable(longerMs, a.duration_ms)) {
      const how = longerMs > 0 ? "longer" : "less";
      sentences.push(`B took ${formatDuration(Math.abs(longerMs))} ${how} than A.`);
    } else sentences.push("They took about as long.");
  }
  const other = comparison.nodes.filter(({ a, b }) => a?.status !== b?.status);
  if (other.length > 0) sentences.push(`${nameSome(other.map(({ id }) => id))} ended otherwise.`);
  const slowest = comparison.nodes
    .filter(({ differs, longerMs = 0 }) => differs && longerMs > 0)
    .sort((one, two) => (two.longerMs ?? 0) - (one.longerMs ?? 0))[0];
  if (slowest !== undefined) {
    const more = describeLonger(slowest.longerMs ?? 0, slowest.a?.tookMs ?? 0);
    sentences.push(`${slowest.id} is what took most longer (${more}).`);
  }
  const { params, isSameDefinition } = comparison;
  if (params.length > 0)
    sentences.push(
      `${nameSome(params.map(({ name }) => name))} ${params.length === 1 ? "is" : "are"} given otherwise.`,
    );
  sentences.push(isSameDefinition ? "The definition is the same." : "The definition is another.");
  return sentences;
}

/** Names that are told one by one. */
const NAMED = 3;

function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, names.length > NAMED ? NAMED - 1 : NAMED);
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  return all.length === 1 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
