import type { NodeBase } from "../../model/node.ts";
import type { Template } from "../../model/template.ts";
import type { ContainerOption } from "./container-option.ts";

/** A node that runs a container. */
export interface DockerNode extends NodeBase {
  readonly executor: "docker";
  readonly container: Container;
  readonly inputFile?: Template;
  readonly outputFile?: Template;
}

/** What a command line and the structured form of a file both become. */
export interface Container {
  /** `docker` or `podman`, or the full path of one. */
  readonly program: string;
  /** In file order; none that Busbar sets itself. */
  readonly options: readonly ContainerOption[];
  readonly image: Template;
  readonly args: readonly Template[];
  /** Variables whose values come from Busbar's environment. After binding only `env` references remain. */
  readonly env: { readonly [name: string]: Template };
  /** What the file allows beyond the safe: options by their long names, and host paths. */
  readonly allow: readonly string[];
}
