import { KINDS } from "../kinds/kinds.ts";
import type { Field, Fields } from "../tree/fields.ts";
import { ALL_RETRY_KEYS, ALL_TOP_KEYS, DEFAULTS_KEYS, NODE_KEYS, SERVICE_KEYS, TOP_KEYS } from "./keys.ts";

type KeyPlace = readonly [where: string, fields: Fields];

/** The places that keys have in a file; of a key with more than one the first is told. */
const PLACES: readonly KeyPlace[] = [
  ["to a node, or under defaults", DEFAULTS_KEYS],
  ["to a node", { ...NODE_KEYS, ...keysOfEachKind() }],
  ...KINDS.flatMap(({ executor, keys, inner = [] }): readonly KeyPlace[] => [[`to ${executor} nodes`, keys], ...inner]),
  ["under retry of a node", ALL_RETRY_KEYS],
  ["to a service, under service_registry", SERVICE_KEYS],
  ["under tls of a service", SERVICE_KEYS.tls.fields],
  ["at the top of the file", ALL_TOP_KEYS],
  ["under concurrency at the top of the file", TOP_KEYS.concurrency.fields],
  ...KINDS.flatMap(({ top }): readonly KeyPlace[] =>
    top === undefined ? [] : [[`under ${top.key} at the top of the file`, top.fields]],
  ),
];

/** What nodes have whatever their kind. */
function keysOfEachKind(): Fields {
  const all = KINDS.flatMap(({ keys }) => Object.entries<Field>(keys));
  return Object.fromEntries(all.filter(([key]) => KINDS.every(({ keys }) => Object.hasOwn(keys, key))));
}

/** Of a key that stands where it is not known: `belongs to a node`, or undefined where it belongs nowhere. */
export function whereKeyBelongs(key: string): string | undefined {
  const found = PLACES.find(([, fields]) => Object.hasOwn(fields, key));
  return found === undefined ? undefined : `belongs ${found[0]}`;
}
