import type { Json, JsonObject } from "../kernel/json.ts";
import { isAbsolute } from "./kinds/docker/host-paths.ts";
import type { Container } from "./kinds/docker/node.ts";
import type { Template, TemplatePart } from "./model/template.ts";
import { hasReferences } from "./model/template.ts";
import type { WorkflowNode } from "./workflow.ts";

/** What the executor of a node is asked; stands in `node.started`. The node is bound. */
export function requestOf(node: WorkflowNode): JsonObject {
  if (node.executor === "grpc") {
    const { service, inputFile, outputFile } = node;
    return { service, input_file: plain(inputFile), output_file: plain(outputFile) };
  }
  return {
    ...containerRequestOf(node.container),
    ...(node.inputFile === undefined ? {} : { input_file: plain(node.inputFile) }),
    ...(node.outputFile === undefined ? {} : { output_file: plain(node.outputFile) }),
  };
}

/** @see ContainerRequest */
function containerRequestOf({ program, options, image, args, env, allow }: Container): JsonObject {
  const paths = allow.filter(isAbsolute);
  const fromEnv = Object.entries(env).map(([name, value]) => [
    name,
    hasReferences(value) ? value.map(envPart) : [value],
  ]);
  return {
    program,
    options: options.map(plain),
    image: plain(image),
    args: args.map(plain),
    ...(fromEnv.length === 0 ? {} : { env: Object.fromEntries(fromEnv) as JsonObject }),
    ...(paths.length === 0 ? {} : { allow: paths }),
  };
}

function envPart(part: TemplatePart): Json {
  if (typeof part === "string") return part;
  if (part.scope === "env") return { env: part.name };
  throw new TypeError(UNBOUND);
}

const UNBOUND = "a node is asked for its request before its references are filled in";

function plain(template: Template): string {
  if (typeof template === "string") return template;
  throw new TypeError(UNBOUND);
}
