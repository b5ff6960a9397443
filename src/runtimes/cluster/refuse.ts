import { BusbarError } from "../../kernel/errors.ts";
import type { Workflow } from "../../workflow/workflow.ts";

/**
 * A drive is replayed from its beginning when its worker is lost: within 5 s of one processor (0.2 ms a node, and 2 µs a
 * node for each attempt that may be outstanding at once), as test/cluster/large.test.ts measures it.
 */
const MOST_NODES = 10_000;
const MOST_NODES_TIMES_PARALLEL = 1_000_000;
/** As JSON: half of what Restate carries as one message. */
const MOST_DEFINITION_BYTES = 16 * 1024 * 1024;

/**
 * Refuses what a cluster cannot do, before anything is submitted.
 * @throws BusbarError CLUSTER_NO_LIMITS, CLUSTER_TOO_LARGE
 */
export function refuseForCluster(workflow: Pick<Workflow, "services" | "nodes" | "maxParallel" | "definition">): void {
  refuseLimits(workflow);
  const size = workflow.nodes.length;
  if (size > MOST_NODES) refuseLarge(`the workflow has ${size} nodes; a cluster takes at most ${MOST_NODES}`);
  const parallel = Math.min(workflow.maxParallel, size);
  if (size * parallel > MOST_NODES_TIMES_PARALLEL) {
    const most = Math.floor(MOST_NODES_TIMES_PARALLEL / size);
    refuseLarge(`max_parallel is ${workflow.maxParallel}; a cluster takes at most ${most} for ${size} nodes`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(workflow.definition.text));
  if (bytes > MOST_DEFINITION_BYTES) {
    refuseLarge(`the workflow takes ${bytes} bytes as JSON; a cluster takes at most ${MOST_DEFINITION_BYTES}`);
  }
}

/** Restate's own limits across workers are experimental, and cannot be taken back once they are there. */
function refuseLimits({ services }: Pick<Workflow, "services">): void {
  const limited = [...services.values()].find(({ maxConcurrency }) => maxConcurrency !== undefined);
  if (limited === undefined) return;
  throw new BusbarError(
    "CLUSTER_NO_LIMITS",
    `${limited.name} has a max_concurrency, which the cluster cannot keep to: leave it out there`,
  );
}

function refuseLarge(message: string): never {
  throw new BusbarError("CLUSTER_TOO_LARGE", message);
}
