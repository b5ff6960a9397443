import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";
import { parseTimestamp } from "../kernel/timestamp.ts";
import type { Artifact, Artifacts } from "../ports/artifacts.ts";
import type { NodeView, RunReader } from "../ports/runtime.ts";

/** A node's file, open. */
export interface NodeArtifact {
  readonly artifact: Artifact;
  /** Whether the file was written to after the node had made it: by another run, maybe. */
  readonly isChanged: boolean;
}

/** Clocks of this machine and of where the node ran may differ, and disks round times. */
const TOLERANCE_MS = 2_000;

/**
 * Opens what a node has made: the file that its request names as output.
 * @throws BusbarError RUN_NOT_FOUND, ARTIFACT_NOT_FOUND, ARTIFACT_REFUSED
 */
export async function openNodeArtifact(
  runs: Pick<RunReader, "get">,
  artifacts: Artifacts,
  runId: string,
  nodeId: string,
): Promise<NodeArtifact> {
  const node = await findMaker(runs, runId, nodeId);
  const path = outputFileOf(node);
  if (path === undefined) missing(nodeId, "names no file as its output");
  const artifact = await artifacts.open(path);
  return { artifact, isChanged: parseTimestamp(artifact.modifiedAt) > endOf(node) + TOLERANCE_MS };
}

/** Of a node whose output is another run's, that run knows the file. */
async function findMaker(runs: Pick<RunReader, "get">, runId: string, nodeId: string): Promise<NodeView> {
  const node = (await runs.get(runId)).nodes.find(({ id }) => id === nodeId);
  if (node === undefined) return missing(nodeId, `is no node of run ${runId}`);
  if (node.status !== "succeeded") return missing(nodeId, `is ${node.status}: only what has succeeded has made a file`);
  if (node.reused_from === undefined) return node;
  const { reused_from } = node;
  const source = await runs.get(reused_from).catch((thrown: unknown) => {
    // Whoever asks has named another run, which is there.
    if (!(thrown instanceof BusbarError) || thrown.code !== "RUN_NOT_FOUND") throw thrown;
    return missing(
      nodeId,
      `has its output from run ${reused_from}, which was deleted, and what it made is known no more`,
    );
  });
  return source.nodes.find(({ id }) => id === nodeId) ?? missing(nodeId, `is no node of run ${reused_from}`);
}

function outputFileOf({ request }: NodeView): string | undefined {
  if (typeof request !== "object" || request === null || Array.isArray(request)) return undefined;
  const { output_file } = request as { readonly output_file?: unknown };
  return typeof output_file === "string" ? output_file : undefined;
}

function endOf({ attempts }: NodeView): number {
  const last = attempts.at(-1);
  return last === undefined ? Number.NaN : parseTimestamp(last.started_at) + (last.duration_ms ?? 0);
}

function missing(nodeId: string, why: string): never {
  throw new BusbarError("ARTIFACT_NOT_FOUND", `${quoteWord(escapeUnseen(nodeId))} ${why}`);
}
