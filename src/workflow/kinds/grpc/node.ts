import type { NodeBase } from "../../model/node.ts";
import type { Template } from "../../model/template.ts";

/** A node that calls a service. */
export interface GrpcNode extends NodeBase {
  readonly executor: "grpc";
  /** Key of `Workflow.services`. */
  readonly service: string;
  readonly inputFile: Template;
  readonly outputFile: Template;
}
