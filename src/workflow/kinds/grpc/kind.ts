import { boundText, hasReferences } from "../../model/template.ts";
import { templateText } from "../../model/template-text.ts";
import { bindText } from "../../tree/bind-text.ts";
import type { NodeKind } from "../kind.ts";
import { GRPC_KEYS } from "./keys.ts";
import type { GrpcNode } from "./node.ts";
import { readGrpcNode } from "./read.ts";
import { grpcRetry } from "./retry.ts";

/** A node that calls a service: proto/energy_pipeline.proto, with the paths of its input and output. */
export const grpcKind: NodeKind<GrpcNode> = {
  executor: "grpc",
  timeoutMs: 30_000,
  keepsLog: false,
  keys: GRPC_KEYS,
  retry: grpcRetry,
  read: readGrpcNode,
  write: ({ service, inputFile, outputFile }) => ({
    service,
    input_file: templateText(inputFile),
    output_file: templateText(outputFile),
  }),
  bind(problems, node, binding, place) {
    const { inputFile, outputFile } = node;
    if (!hasReferences(inputFile) && !hasReferences(outputFile)) return node;
    return {
      ...node,
      inputFile: bindText(problems, inputFile, binding, place, "input_file"),
      outputFile: bindText(problems, outputFile, binding, place, "output_file"),
    };
  },
  requestOf: ({ service, inputFile, outputFile }) => ({
    service,
    input_file: boundText(inputFile),
    output_file: boundText(outputFile),
  }),
  serviceNameOf: ({ service }) => service,
  loadSchema: async () => (await import("./schema.ts")).grpcSchema,
};
