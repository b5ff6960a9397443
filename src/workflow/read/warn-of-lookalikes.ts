import { appearanceOf } from "../../kernel/text.ts";
import type { Place } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { quote } from "../tree/raw.ts";

/** A name, and where it is given to something. */
export interface GivenName {
  readonly name: string;
  readonly place: Place;
  readonly at: "key" | "value";
}

/** Warns of different names that nobody can tell apart: whoever writes one of them may mean the other. */
export function warnOfLookalikes(problems: Problems, what: string, names: readonly GivenName[]): void {
  const seen = new Map<string, string>();
  for (const { name, place, at } of names) {
    const appearance = appearanceOf(name);
    const other = seen.get(appearance);
    if (other === undefined) seen.set(appearance, name);
    else if (other !== name) {
      const message = `two ${what} have names that look the same: ${quote(other)} and ${quote(name)}`;
      problems.warn("WORKFLOW_LOOKALIKE_NAME", message, place, { at });
    }
  }
}
