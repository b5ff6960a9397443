import { findControl, quote } from "../tree/raw.ts";

const MAX_LENGTH = 100;

/** What is wrong with a node id (semantics.md, "Ids"), or undefined. */
export function problemOfNodeId(id: string): string | undefined {
  if (id === "") return "a node id is empty";
  // A character is one or two UTF-16 units.
  if (id.length > 2 * MAX_LENGTH || (id.length > MAX_LENGTH && [...id].length > MAX_LENGTH)) {
    return `the node id ${quote(id)} is longer than ${MAX_LENGTH} characters`;
  }
  const reserved = /[/[\]${}]/.exec(id);
  if (reserved !== null) return `the node id ${quote(id)} has ${reserved[0]} in it; / [ ] $ { } are reserved`;
  const control = findControl(id);
  if (control !== undefined) return `the node id ${quote(id)} has the control character ${control} in it`;
  return id.isWellFormed() ? undefined : `the node id ${quote(id)} has half of a character in it (a lone surrogate)`;
}
