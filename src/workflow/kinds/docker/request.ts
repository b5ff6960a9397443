import type { Json, JsonObject } from "../../../kernel/json.ts";
import { boundText, hasReferences, type TemplatePart } from "../../model/template.ts";
import { optionText } from "./container-option.ts";
import { isAbsolute } from "./host-paths.ts";
import type { DockerNode } from "./node.ts";

/**
 * What the executor of a docker node is asked: a command line and the structured form of the file both become
 * this. It stands in `node.started`, so it holds no value from the environment.
 */
export interface ContainerRequest {
  /** `docker` or `podman`, or the full path of one. */
  readonly program: string;
  /**
   * `--name=value` or `--name`, by their long names, in file order; none that Busbar sets itself (--rm, …).
   * `--env=NAME` without a value passes Busbar's own variable on, where there is one.
   */
  readonly options: readonly string[];
  /** Never begins with a dash. */
  readonly image: string;
  readonly args: readonly string[];
  /** Variables of the container that come from Busbar's environment: texts, and names to read. */
  readonly env?: { readonly [name: string]: readonly (string | { readonly env: string })[] };
  /** Host paths that the file allows by name although they give power over the machine. */
  readonly allow?: readonly string[];
  /** Recorded and not used. */
  readonly input_file?: string;
  readonly output_file?: string;
}

export function requestOfDockerNode({ container, inputFile, outputFile }: DockerNode): JsonObject {
  const { program, options, image, args, env, allow } = container;
  const paths = allow.filter(isAbsolute);
  const fromEnv = Object.entries(env).map(([name, value]) => [
    name,
    hasReferences(value) ? value.map(envPart) : [value],
  ]);
  return {
    program,
    options: options.map(optionText),
    image: boundText(image),
    args: args.map(boundText),
    ...(fromEnv.length === 0 ? {} : { env: Object.fromEntries(fromEnv) as JsonObject }),
    ...(paths.length === 0 ? {} : { allow: paths }),
    ...(inputFile === undefined ? {} : { input_file: boundText(inputFile) }),
    ...(outputFile === undefined ? {} : { output_file: boundText(outputFile) }),
  };
}

/** Only references to the environment are left in a bound container; the executor fills them in. */
function envPart(part: TemplatePart): Json {
  if (typeof part === "string") return part;
  return part.scope === "env" ? { env: part.name } : boundText([part]);
}
