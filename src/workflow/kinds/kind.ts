import type { JsonObject } from "../../kernel/json.ts";
import type { NodeBase } from "../model/node.ts";
import type { Binding } from "../model/template.ts";
import type { HostPolicy, Refusal } from "../policy/policy.ts";
import type { MaskedValue } from "../shown/masked-value.ts";
import type { Entry } from "../tree/entry.ts";
import type { Fields } from "../tree/fields.ts";
import type { Place } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import type { RawObject } from "../tree/raw.ts";
import type { Reader, Values } from "../tree/read-fields.ts";
import type { KindSchema } from "./kind-schema.ts";

/**
 * A kind of node: all that differs between a node that calls a service and one that runs a container. Each kind is
 * a folder beside this file and a line in kinds.ts; nothing else knows which kinds there are. What performs its
 * attempts is its executor, an adapter.
 *
 * `N` are its nodes, `S` is what all its nodes in one file share.
 */
export interface NodeKind<N extends NodeBase, S = undefined> {
  /** As `executor` and `execution_mode` of a file say it. */
  readonly executor: N["executor"];
  /** Bounds an attempt where the file says nothing. */
  readonly timeoutMs: number;
  /** Whether what its attempts print is kept for `busbar logs`. */
  readonly keepsLog: boolean;
  /** The keys of its nodes, beside those of every node (read/keys.ts). */
  readonly keys: Fields;
  /** The keys of objects within them, and where those are: `under docker of a node`. */
  readonly inner?: readonly (readonly [where: string, fields: Fields])[];
  readonly retry: RetryTerms;
  readonly top?: TopKey<N, S>;
  /** What a host's policy says of its nodes. */
  readonly policy?: PolicyKey<N>;
  /** Keys of its request that say what is allowed, not what is done: a resumed run may change them. */
  readonly permissions?: readonly string[];

  /** Whether a file that names no executor is of this kind by its form. */
  isImpliedBy?(tree: RawObject, containers: object): boolean;
  /**
   * What its nodes share, before any of them is read. Code that is slow to load and that only some files need is
   * loaded here.
   * @param tree anything: it has not been checked yet
   */
  prepare?(tree: unknown): Promise<S>;
  /** What a node has beyond every node; undefined if anything in it is wrong, which is then among the problems. */
  read(reader: Reader, node: RawNode, shared: S): OwnFields<N> | undefined;
  /** The keys of a file from which `read` makes this node again. */
  write(node: N): JsonObject;
  /** The node with its references filled in, and what they made wrong reported; the same node where it has none. */
  bind(problems: Problems, node: N, binding: Binding, place: Place): N;
  /** What its executor is asked. The node is bound. */
  requestOf(node: N): JsonObject;
  /** The same as it is recorded and shown, without literal tokens; as it is, where the kind has none. */
  shownRequestOf?(node: N): JsonObject;
  /** The texts of a node in a file in which literal tokens may stand; it has not been checked. */
  maskedIn?(raw: RawObject): readonly MaskedValue[];
  /** The environment variables that it cannot do without, beside those of the service that it calls. */
  envNamesOf?(node: N): readonly string[];
  /** Which service it calls; there only for kinds that call one. */
  serviceNameOf?(node: N): string;
  /** For editors; a run does not load it. */
  loadSchema(): Promise<KindSchema>;
}

/** What a node of a kind has beyond every node. */
export type OwnFields<N extends NodeBase> = N extends NodeBase ? Omit<N, keyof NodeBase> : never;

/** A node as it stands in the file, and what could be read of its keys. */
export interface RawNode<V = Values<Fields>> {
  readonly entry: Entry;
  readonly raw: RawObject;
  readonly values: V;
  /** Names in service_registry; undefined where it is missing, which is reported once. */
  readonly services: ReadonlySet<string> | undefined;
}

/** What allows another attempt of a node: the part of `retry` that is a kind's own. */
export interface RetryTerms {
  readonly keys: Fields;
  /** @param base what holds where `values` says nothing */
  read(values: Values<Fields>, base: readonly string[]): readonly string[];
  write(retryOn: readonly string[]): JsonObject;
}

/** A key at the top of the file for what holds for all nodes of a kind. */
export interface TopKey<N extends NodeBase, S> {
  readonly key: string;
  readonly fields: Fields;
  /** What `fields` are keys of, for messages. */
  readonly owner: string;
  /** @param base what holds where the file says nothing */
  read(reader: Reader, values: Values<Fields>, place: Place, base: S): S;
  /** The keys from which `read` makes again what these nodes share. */
  write(nodes: readonly N[]): JsonObject;
}

/** A key of a host's policy for what nodes of a kind may do on the host. */
export interface PolicyKey<N extends NodeBase> {
  readonly key: string;
  readonly fields: Fields;
  /** What `fields` are keys of, for messages. */
  readonly owner: string;
  /** @param values those of a policy without the key are empty */
  read(reader: Reader, values: Values<Fields>, place: Place): unknown;
  /** What of a node the policy does not allow; what still has references is passed over. */
  refuse(node: N, policy: HostPolicy): readonly Refusal[];
}
