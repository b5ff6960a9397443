import {
  type FieldChecks,
  optional,
  requireFields,
  requireIfGiven,
  requireMethods,
  requireObject,
  requireOneOf,
  requireText,
  requireWord,
} from "../../kernel/arguments.ts";
import type { Diagnostic } from "../../kernel/diagnostics.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Definition } from "../model/definition.ts";
import { quote } from "../tree/raw.ts";
import { readJson } from "./read-json.ts";
import type { ReadText, YamlReader } from "./read-text.ts";

/** Larger files are one diagnostic, unread. */
export const MAX_FILE_BYTES: number = 32 * 1024 * 1024;
/** YAML with more characters is read by `ParseOptions.yamlApart`. */
export const MAX_YAML_IN_PLACE: number = 256 * 1024;

/** The text of a workflow file, and where it comes from. */
export interface WorkflowSource {
  /** As the person wrote it: its ending says the format, and diagnostics begin with it. */
  readonly fileName: string;
  /** For a text whose name does not say it. */
  readonly format?: Definition["format"];
  /** Absolute path; tls paths are relative to its folder. */
  readonly file?: string;
  readonly text: string;
}

/** How a workflow file is read. */
export interface ParseOptions {
  /** Reads large YAML where it can be stopped; without it, it is read in place, however long that takes. */
  readonly yamlApart?: YamlReader;
}

/** @throws BusbarError FILE_TYPE_UNKNOWN */
export function formatOf({ fileName, format }: Pick<WorkflowSource, "fileName" | "format">): Definition["format"] {
  if (format !== undefined) return format;
  const ending = /\.(json|ya?ml)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (ending !== undefined) return ending === "json" ? "json" : "yaml";
  throw new BusbarError("FILE_TYPE_UNKNOWN", `${quote(fileName)} ends in none of .json, .yaml and .yml`);
}

/** The format of a text that has no name: JSON where it begins as an object or a list does. */
export function formatOfText(text: string): Definition["format"] {
  return /^\uFEFF?\s*[[{]/.test(text) ? "json" : "yaml";
}

export function withoutBom(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

export function tooLarge(): Diagnostic {
  const message = `the file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
  return { code: "WORKFLOW_TOO_LARGE", message, path: [], at: "value" };
}

/** The tree that a text says, or why it says none. */
export async function readTree(text: string, format: Definition["format"], options: ParseOptions): Promise<ReadText> {
  if (format === "json") return readJson(text);
  return (await yamlReaderFor(text, options)).read(text);
}

/** The package `yaml` is loaded for YAML only. */
export async function yamlReaderFor(text: string, { yamlApart }: ParseOptions): Promise<YamlReader> {
  if (yamlApart !== undefined && text.length > MAX_YAML_IN_PLACE) return yamlApart;
  const { yamlInPlace } = await import("./yaml.ts");
  return yamlInPlace;
}

/** @throws BusbarError USAGE */
export function requireSource(name: string, source: WorkflowSource): void {
  requireObject(name, source, "an object {fileName, text}");
  requireWord(`${name}.fileName`, source.fileName);
  requireIfGiven(`${name}.format`, source.format, (at, value) => requireOneOf(at, value, ["json", "yaml"]));
  requireText(`${name}.text`, source.text, "the text of the file");
  requireIfGiven(`${name}.file`, source.file, requireWord);
}

const PARSE_OPTIONS: FieldChecks<ParseOptions> = {
  yamlApart: optional((name, value) => requireMethods(name, value, ["read", "locate"])),
};

/** @throws BusbarError USAGE */
export function requireParseOptions(name: string, options: ParseOptions): void {
  requireFields(name, options, PARSE_OPTIONS);
}
