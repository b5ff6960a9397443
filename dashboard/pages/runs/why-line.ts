// Why a run stands where it stands, from what a list says of it. The run's own page says more (its explanation).
import type { RunListing } from "../../api/shapes.ts";
import { isInterrupted } from "../../model/shown-status.ts";

/** One line, which begins with `node` where it is about one; `text` goes on from it. */
export interface WhyLine {
  readonly node?: string;
  readonly text: string;
  /** Something failed. */
  readonly isBad: boolean;
}

/** @returns undefined where the status says it all */
export function whyLine(run: RunListing): WhyLine | undefined {
  const told = (text: string): WhyLine => ({ text, isBad: false });
  if (isInterrupted(run)) return told(`${whoWas(run)} is gone`);
  const { stalled } = run.owner ?? {};
  if (stalled !== undefined) return told(`its journal takes nothing: ${stalled.error.code}`);
  switch (run.status) {
    case "succeeded":
      return undefined;
    case "failed":
      return whyFailed(run);
    case "cancelled":
      return told(run.error?.code === "RUN_CANCELLED" ? run.error.message : (run.error?.message ?? "cancelled"));
    case "pending":
      return told(run.paused ? "paused before it began" : "waits for its turn, or for its services");
    case "running":
      return whyRunning(run);
  }
}

function whoWas({ owner }: RunListing): string {
  if (owner?.cluster !== undefined) return `its drive on the cluster at ${owner.cluster.url}`;
  return `its owner (pid ${owner?.pid} on ${owner?.host})`;
}

/** What a node's failure is told as in the error of its run: `clean failed: NODE_TIMED_OUT: no answer`. */
const NODE_FAILED = /^(.+?) failed: ([A-Z][A-Z0-9_]+): (.*)$/s;

function whyFailed({ error }: RunListing): WhyLine {
  if (error === undefined) return { text: "failed", isBad: true };
  const [, node, code, text] = NODE_FAILED.exec(error.message) ?? [];
  if (error.code !== "RUN_NODE_FAILED" || node === undefined || code === undefined || text === undefined) {
    return { text: error.message === "" ? error.code : error.message, isBad: true };
  }
  // Often a service has the name of its node, and its message begins with it.
  if (text.startsWith(`${node} `)) return { node, text: text.slice(node.length), isBad: true };
  return { node, text: `: ${text === "" ? code : text}`, isBad: true };
}

function whyRunning({ counts, paused }: RunListing): WhyLine {
  const parts = [
    ...(paused ? ["no attempt starts"] : []),
    ...(counts.running > 0 ? [`${counts.running} running`] : []),
    ...(counts.waiting > 0 ? [`${counts.waiting} ${counts.waiting === 1 ? "waits" : "wait"} to be tried again`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
  ];
  return { text: parts.length === 0 ? "no node at work" : parts.join(", "), isBad: counts.failed > 0 };
}
