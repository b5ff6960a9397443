import type { LogFilter, LogLine } from "../../ports/run-logs.ts";
import type { NodeView, RunReader } from "../../ports/runtime.ts";

const WHERE =
  "what it writes is with the worker that made the attempt, and not to be read from here: start all workers (busbar " +
  "worker) and whatever shows it (busbar serve, busbar logs) with --logs-dir of one folder that they share";

/** Instead of the lines of attempts, where it is not known what folder they are in: a line for each that may have some. */
export function tellWhereLogsAre({ get }: Pick<RunReader, "get">): RunReader["logs"] {
  return async function* (runId, filter = {}) {
    const { until, tail } = filter;
    const told = new Set<string>();
    const tellNew = async (): Promise<readonly LogLine[]> =>
      (await get(runId)).nodes
        .flatMap((node) => linesOf(node, filter))
        .filter(({ node_id, attempt }) => !told.has(`${attempt} ${node_id}`));
    const lines = await tellNew();
    for (const { attempt, node_id } of lines) told.add(`${attempt} ${node_id}`);
    yield* tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
    if (until === undefined) return;
    if (!until.aborted) await new Promise((resolve) => until.addEventListener("abort", resolve, { once: true }));
    yield* await tellNew();
  };
}

function linesOf({ id, service, attempts }: NodeView, { nodeId, attempt }: LogFilter): readonly LogLine[] {
  // What services write, they keep.
  if (service !== undefined || (nodeId !== undefined && nodeId !== id)) return [];
  const asked = attempt === "latest" ? attempts.slice(-1) : attempts;
  return asked
    .filter((one) => typeof attempt !== "number" || one.attempt === attempt)
    .map((one) => ({ at: one.started_at, node_id: id, attempt: one.attempt, stream: "busbar", text: WHERE }));
}
