import { hash } from "node:crypto";

/** The name a definition is stored under: `sha256:` and 64 hex digits of the text's UTF-8. */
export function hashDefinition(text: string): string {
  return `sha256:${hash("sha256", text)}`;
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
