import type { Finding } from "../../engine/finding.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";

/** What a node asks of its engine. */
export interface Need {
  readonly nodeId: string;
  readonly request: ContainerRequest;
}

/** One thing that several nodes may need: it is checked once, and reported for the first of them. */
export interface SharedNeed {
  readonly first: Need;
  /** `analyze`, or `analyze and 2 more nodes`. */
  readonly who: string;
}

/** @param keysOf names each thing that the node needs */
export function shareNeeds(
  needs: readonly Need[],
  keysOf: (need: Need) => readonly string[],
): ReadonlyMap<string, SharedNeed> {
  const byKey = new Map<string, Need[]>();
  for (const need of needs) {
    for (const key of new Set(keysOf(need))) byKey.set(key, [...(byKey.get(key) ?? []), need]);
  }
  return new Map([...byKey].flatMap(([key, all]) => (all[0] === undefined ? [] : [[key, share(all[0], all.length)]])));
}

function share(first: Need, count: number): SharedNeed {
  const more = count === 1 ? "" : ` and ${count - 1} more node${count === 2 ? "" : "s"}`;
  return { first, who: `${first.nodeId}${more}` };
}

export function findingOf(
  { first }: SharedNeed,
  severity: Finding["severity"],
  code: Finding["code"],
  message: string,
  secrets: Secrets,
): Finding {
  return { severity, code, node: first.nodeId, message: secrets.mask(message) };
}
