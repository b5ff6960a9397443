import type { Template } from "./template.ts";

/** A network endpoint that nodes call. */
export interface Service {
  readonly name: string;
  /** `host:port`, `[ipv6]:port`, `dns:///…`, `ipv4:…`, `ipv6:…` or `unix:…` (kernel/target.ts). */
  readonly address: Template;
  readonly tls?: Tls;
  /** Keys are lower case. After binding only `env` references remain. */
  readonly metadata: ReadonlyMap<string, Template>;
  /** Keys that the file has in another case, by the lower-case one; left out where there are none. */
  readonly metadataAsWritten?: ReadonlyMap<string, string>;
  readonly health: "required" | "optional" | "off";
  /** Outstanding attempts at this address in one process, over all its runs, ≥ 1. */
  readonly maxConcurrency?: number;
  /** Largest message either way, in bytes. */
  readonly maxMessageBytes: number;
  /** Allows metadata from the environment over plaintext to an address that is not loopback. */
  readonly allowPlaintext: boolean;
  /** Whether the proxies of the environment are used for it. */
  readonly proxy: "auto" | "off";
}

/** Paths are absolute or relative to the folder of the workflow file until bound, absolute afterwards. */
export interface Tls {
  readonly caFile?: Template;
  readonly certFile?: Template;
  readonly keyFile?: Template;
  readonly serverName?: string;
}

/** A key of the metadata as the file has it, for a message and its place. @param name in lower case */
export function metadataKeyOf({ metadataAsWritten }: Service, name: string): string {
  return metadataAsWritten?.get(name) ?? name;
}
