import type { Graph } from "../graph/graph.ts";

/**
 * The validated, frozen graph made from a workflow file. Everything is typed,
 * every name resolves, the graph has no cycle: nothing inside checks again.
 */
export interface Workflow {
  readonly name: string;
  readonly definition: Definition;
  /** Nodes in file order; `graph` uses the same positions. */
  readonly nodes: readonly WorkflowNode[];
  readonly graph: Graph;
  readonly services: ReadonlyMap<string, Service>;
  readonly params: ReadonlyMap<string, ParamDeclaration>;
  /** Outstanding attempts of one run, ≥ 1. */
  readonly maxParallel: number;
  readonly onFailure: "stop" | "continue";
  /** Bounds the whole run, in milliseconds. */
  readonly totalTimeoutMs?: number;
}

/** The text a workflow was made from, before references are filled in. A run stores it under its hash. */
export interface Definition {
  /** `sha256:` and 64 hex digits of the text's UTF-8. */
  readonly hash: string;
  readonly text: string;
  readonly format: "json" | "yaml";
  /** Absolute path it was read from; tls paths are relative to its folder. */
  readonly file?: string;
}

/** A vertex of the graph: one thing to do. */
export type WorkflowNode = GrpcNode | DockerNode;

/** What every kind of node has. */
export interface NodeBase {
  readonly id: string;
  /** For people. */
  readonly name?: string;
  /** Bounds one attempt. */
  readonly timeoutMs: number;
  /** Bounds all attempts and waits together. */
  readonly totalTimeoutMs?: number;
  readonly retry: RetryPolicy;
  /** What happens to an attempt whose outcome was not recorded: made again, or the node fails (E4). */
  readonly onLost: "retry" | "fail";
}

/** A node that calls a service. */
export interface GrpcNode extends NodeBase {
  readonly executor: "grpc";
  /** Key of `Workflow.services`. */
  readonly service: string;
  readonly inputFile: Template;
  readonly outputFile: Template;
}

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
  /** `--name=value` or `--name`, by their long names, in file order; none that Busbar sets itself. */
  readonly options: readonly Template[];
  readonly image: Template;
  readonly args: readonly Template[];
  /** Variables whose values come from Busbar's environment. After binding only `env` references remain. */
  readonly env: { readonly [name: string]: Template };
  /** What the file allows beyond the safe: options by their long names, and host paths. */
  readonly allow: readonly string[];
}

/** Names follow gRPC's service config. */
export interface RetryPolicy {
  /** Recorded failures after which the node fails, ≥ 1; 1 is no retry. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly maxBackoffMs: number;
  /** Statuses of a failed attempt that allow another: gRPC status names, `FAILURE_REPLY` for `success = false`, `EXIT_<n>` for a container's exit code. */
  readonly retryOn: readonly string[];
}

/** A network endpoint that nodes call, from `service_registry`. */
export interface Service {
  readonly name: string;
  /** `host:port`, `[ipv6]:port`, `dns:///…` or `unix:…` */
  readonly address: Template;
  readonly tls?: Tls;
  /** Keys are lower case. After binding only `env` references remain. */
  readonly metadata: ReadonlyMap<string, Template>;
  readonly health: "required" | "optional" | "off";
  /** Outstanding attempts at this address in one process, over all its runs, ≥ 1. */
  readonly maxConcurrency?: number;
  /** Largest message either way, in bytes. */
  readonly maxMessageBytes: number;
  /** Allows metadata from the environment over plaintext to an address that is not loopback. */
  readonly allowPlaintext: boolean;
}

/** Paths are absolute or relative to the folder of the workflow file until bound, absolute afterwards. */
export interface Tls {
  readonly caFile?: Template;
  readonly certFile?: Template;
  readonly keyFile?: Template;
  readonly serverName?: string;
}

/** A text with references. One without any is the plain string. */
export type Template = string | readonly TemplatePart[];
/** A piece of a template: plain text, or a reference. */
export type TemplatePart = string | Reference;
/** `${scope.name}` in a text of the file. */
export interface Reference {
  readonly scope: "params" | "run" | "env";
  readonly name: string;
}

/** A param that the file declares. */
export interface ParamDeclaration {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly default?: ParamValue;
  readonly description?: string;
}

/** What a param can be. */
export type ParamValue = string | number | boolean;
/** Every declared param with its value. */
export type ParamValues = { readonly [name: string]: ParamValue };
