import { createWorkflow } from "../src/testing/workflow-of.ts";
import type { Workflow, WorkflowNode } from "../src/workflow/workflow.ts";
import type { NodePlan, RunPlan } from "./plan.ts";

/** Where all gRPC nodes of all runs call: they share its slots. */
export const ADDRESS = "service.example:50051";

/** The name of the workflow of all runs that are counted. */
const CONCURRENT = "concurrent";

/** The workflow of a planned run; its text parses to it again. */
export function workflowOfPlan(run: RunPlan): Workflow {
  return createWorkflow(
    run.concurrency === undefined ? run.id : CONCURRENT,
    run.nodes.map((node) => nodeOf(run, node)),
    run.edges,
    {
      definition: "full",
      maxParallel: run.maxParallel,
      onFailure: run.onFailure,
      ...(run.concurrency === undefined ? {} : { concurrency: run.concurrency }),
      ...(run.totalTimeoutMs === undefined ? {} : { totalTimeoutMs: run.totalTimeoutMs }),
      services: {
        [serviceOfPlan(run)]: {
          address: ADDRESS,
          ...(run.maxConcurrency === undefined ? {} : { maxConcurrency: run.maxConcurrency }),
        },
      },
    },
  );
}

/** The same as a changed file has it: its last node is asked otherwise, and all have more patience. */
export function changedPlan(run: RunPlan): RunPlan {
  const last = run.nodes.length - 1;
  return {
    ...run,
    nodes: run.nodes.map((node, index) => ({
      ...node,
      timeoutMs: node.timeoutMs + 1000,
      ...(index === last ? { isAskedOtherwise: true } : {}),
    })),
  };
}

function nodeOf(run: RunPlan, node: NodePlan): WorkflowNode {
  const { id, timeoutMs, totalTimeoutMs, maxAttempts, backoffMs, onLost } = node;
  const common = { id, timeoutMs, onLost, ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }) } as const;
  const retry = {
    maxAttempts,
    initialBackoffMs: backoffMs,
    backoffMultiplier: 2,
    maxBackoffMs: backoffMs * 4,
    retryOn: [RETRIABLE],
  };
  const asked = node.isAskedOtherwise ? "other" : "first";
  if (node.kind === "grpc") {
    const paths = { inputFile: `/${asked}/in`, outputFile: `/${asked}/out` };
    return { ...common, ...paths, executor: "grpc", service: serviceOfPlan(run), retry };
  }
  // A command without a volume is warned of.
  const container = {
    program: "docker",
    options: ["--volume=data:/data"],
    image: "image:1",
    args: [asked],
    env: {},
    allow: [],
  };
  return { ...common, executor: "docker", container, retry };
}

/** Each run has a service of its own name, so that a preflight tells which run it is for. */
export function serviceOfPlan(run: Pick<RunPlan, "id">): string {
  return `service-${run.id}`;
}

/** The status of a failed call that a planned node may make again. */
export const RETRIABLE = "UNAVAILABLE";
