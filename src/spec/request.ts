import type { JsonObject } from "../kernel/json.ts";
import type { Template, WorkflowNode } from "./workflow.ts";

/** What the executor of a node is asked; stands in `node.started`. The node is bound. */
export function requestOf(node: WorkflowNode): JsonObject {
  if (node.executor === "grpc") {
    const { service, inputFile, outputFile } = node;
    return { service, input_file: plain(inputFile), output_file: plain(outputFile) };
  }
  return {
    command: node.command,
    ...(node.inputFile === undefined ? {} : { input_file: plain(node.inputFile) }),
    ...(node.outputFile === undefined ? {} : { output_file: plain(node.outputFile) }),
  };
}

function plain(template: Template): string {
  if (typeof template === "string") return template;
  throw new TypeError("a node is asked for its request before its references are filled in");
}
