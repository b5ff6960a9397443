// The energy pipeline's three nodes: as a file for the command line, and as a workflow for this process.

import { createWorkflow } from "../../src/testing/workflow-of.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";

const NODES = ["energy-generator", "energy-analyzer", "report-generator"] as const;
/** What each node reads and the next one writes. */
export const PATHS = [
  "/data/placeholder_input.txt",
  "/data/energy_data.csv",
  "/data/analysis_output.pb",
  "/data/energy_report.csv",
] as const;

export function threeNodeFile(addresses: readonly string[]): string {
  const containers = NODES.map((id, index) => [
    id,
    {
      id,
      input_file: PATHS[index],
      output_file: PATHS[index + 1],
      next_node: NODES[index + 1] ?? null,
      timeout_seconds: 30,
    },
  ]);
  const registry = NODES.map((id, index) => [id, addresses[index]]);
  return JSON.stringify(
    {
      workflow_name: "energy_data_pipeline",
      start_node: NODES[0],
      execution_mode: "grpc",
      service_registry: Object.fromEntries(registry),
      containers: Object.fromEntries(containers),
    },
    undefined,
    2,
  );
}

export function threeNodeWorkflow(addresses: readonly string[]): Workflow {
  const nodes = NODES.map((id, index) => [
    id,
    { service: id, inputFile: PATHS[index] ?? "", outputFile: PATHS[index + 1] ?? "" },
  ]);
  return createWorkflow(
    "energy_data_pipeline",
    NODES,
    [
      [0, 1],
      [1, 2],
    ],
    {
      services: Object.fromEntries(NODES.map((id, index) => [id, addresses[index] ?? ""])),
      nodes: Object.fromEntries(nodes),
      definition: "full",
    },
  );
}
