import type { OwnFields } from "../kinds/kind.ts";
import { type AnyKind, findKind } from "../kinds/kinds.ts";
import type { NodeBase } from "../model/node.ts";
import type { Entry } from "../tree/entry.ts";
import { placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import type { RawObject } from "../tree/raw.ts";
import { type Names, type Reader, readFields, type Values } from "../tree/read-fields.ts";
import type { WorkflowNode } from "../workflow.ts";
import { describeKind, hintAtOtherKind, type NodeKeys, nodeKeysOf, type TopKeys } from "./keys.ts";
import { type RetryDefaults, readRetry } from "./read-retry.ts";

/** What every node of the file falls back on. */
export interface NodeDefaults {
  readonly kind: AnyKind;
  readonly policies: Values<TopKeys>["defaults"];
  readonly retry: RetryDefaults;
  /** What all nodes of a kind share. */
  readonly shared: ReadonlyMap<AnyKind, unknown>;
}

/** A node as far as it could be read, and the names it is linked with. */
export interface NodeDraft {
  readonly entry: Entry;
  /** Undefined if anything in it is wrong. */
  readonly node: WorkflowNode | undefined;
  readonly nextNode: Names | undefined;
  readonly dependsOn: Names | undefined;
}

/** @param services names in service_registry; undefined where it is missing, which is reported once */
export function readNode(
  reader: Reader,
  entry: Entry,
  defaults: NodeDefaults,
  services: ReadonlySet<string> | undefined,
): NodeDraft {
  const { raw, place } = entry;
  if (raw === undefined) return { entry, node: undefined, nextNode: undefined, dependsOn: undefined };
  const kind = findKind(raw.executor) ?? defaults.kind;
  const before = reader.problems.count();
  const fields = readFields(reader, raw, place, nodeKeysOf(kind), describeKind(kind), (key) =>
    hintAtOtherKind(kind, key),
  );
  const own = kind.read(reader, { entry, raw, values: fields, services }, defaults.shared.get(kind));
  const values: Values<NodeKeys> = fields;
  const base = readBase(reader.problems, kind, entry, values, raw, defaults);
  return {
    entry,
    node: own === undefined || reader.problems.count() > before ? undefined : joinNode(base, own),
    nextNode: values.next_node,
    dependsOn: values.depends_on,
  };
}

/** Both come from the same kind, which the types cannot say. */
function joinNode(base: NodeBase, own: OwnFields<WorkflowNode>): WorkflowNode {
  return { ...base, ...own } as WorkflowNode;
}

function readBase(
  problems: Problems,
  kind: AnyKind,
  entry: Entry,
  values: Values<NodeKeys>,
  raw: RawObject,
  defaults: NodeDefaults,
): NodeBase {
  const { policies } = defaults;
  const totalTimeoutMs = values.total_timeout_seconds ?? policies?.total_timeout_seconds;
  return {
    executor: kind.executor,
    id: entry.id,
    ...(values.name === undefined ? {} : { name: values.name }),
    timeoutMs: values.timeout_seconds ?? policies?.timeout_seconds ?? kind.timeoutMs,
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    retry: readRetry(problems, kind, defaults.retry, values.retry, raw.retry, placeAt(entry.place, "retry")),
    onLost: values.on_lost ?? policies?.on_lost ?? "retry",
  };
}
