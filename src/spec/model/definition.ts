import { hash } from "node:crypto";

/** The name a definition is stored under: `sha256:` and 64 hex digits of the text's UTF-8. */
export function hashDefinition(text: string): string {
  return `sha256:${hash("sha256", text)}`;
}
