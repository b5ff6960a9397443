import { escapeControls } from "../../kernel/text.ts";

/** Names in one line: `a, b, c and 4 more`. */
export function listNames(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => escapeControls(name));
  const more = names.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} more`;
}
