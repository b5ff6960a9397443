import { requireIfGiven, requireMethods, requireObject, requireText, requireWord } from "../kernel/arguments.ts";
import type { Diagnostic } from "../kernel/diagnostics.ts";
import { BusbarError } from "../kernel/errors.ts";
import { err, type Result } from "../kernel/result.ts";
import type { SplitCommand } from "./container/shell-words.ts";
import { hashDefinition } from "./definition.ts";
import { capDiagnostics, createProblems } from "./problems.ts";
import { quote } from "./raw.ts";
import { hasCommand, readWorkflow } from "./read-workflow.ts";
import { readJson } from "./text/read-json.ts";
import type { ReadText, YamlReader } from "./text/tree.ts";
import type { Definition, Workflow } from "./workflow.ts";

/** Larger files are one diagnostic, unread. */
export const MAX_FILE_BYTES: number = 32 * 1024 * 1024;
/** YAML with more characters is read by `ParseOptions.yamlApart`. */
export const MAX_YAML_IN_PLACE: number = 256 * 1024;

/** The text of a workflow file, and what it is called. */
export interface WorkflowSource {
  /** As the person wrote it: its ending says the format, and diagnostics begin with it. */
  readonly fileName: string;
  /** Absolute path; tls paths are relative to its folder. */
  readonly file?: string;
  readonly text: string;
}

/** How a workflow file is read. */
export interface ParseOptions {
  /** Reads large YAML where it can be stopped; without it, it is read in place, however long that takes. */
  readonly yamlApart?: YamlReader;
}

/**
 * A workflow file's text as a workflow, or everything that is wrong with it.
 * @throws BusbarError FILE_TYPE_UNKNOWN if the name says neither JSON nor YAML; USAGE
 */
export async function parseWorkflow(
  source: WorkflowSource,
  options: ParseOptions = {},
): Promise<Result<Workflow, readonly Diagnostic[]>> {
  requireSource("source", source);
  requireParseOptions("options", options);
  const format = formatOf(source.fileName);
  const text = withoutBom(source.text);
  if (text.length > MAX_FILE_BYTES) return err([tooLarge()]);
  const read = await readText(text, format, options);
  const definition: Definition = {
    hash: hashDefinition(text),
    text,
    format,
    ...(source.file === undefined ? {} : { file: source.file }),
  };
  const problems = createProblems();
  const readable = "value" in read;
  const splitCommand = readable && hasCommand(read.value) ? await loadSplitCommand() : undefined;
  const workflow = readable
    ? readWorkflow(problems, read.value, definition, read.containerOrder, splitCommand)
    : undefined;
  const count = read.count + problems.count();
  if (workflow !== undefined && count === 0) return { ok: true, value: workflow };
  const kept = [...read.diagnostics, ...problems.kept()];
  return err(capDiagnostics(kept, count, text));
}

/** @throws BusbarError USAGE */
export function requireSource(name: string, source: WorkflowSource): void {
  requireObject(name, source, "an object {fileName, text}");
  requireWord(`${name}.fileName`, source.fileName);
  requireText(`${name}.text`, source.text, "the text of the file");
  requireIfGiven(`${name}.file`, source.file, requireWord);
}

/** @throws BusbarError USAGE */
export function requireParseOptions(name: string, options: ParseOptions): void {
  requireObject(name, options);
  requireIfGiven(`${name}.yamlApart`, options.yamlApart, (at, reader) =>
    requireMethods(at, reader, ["read", "locate"]),
  );
}

/** @throws BusbarError FILE_TYPE_UNKNOWN */
export function formatOf(fileName: string): Definition["format"] {
  const ending = /\.(json|ya?ml)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (ending !== undefined) return ending === "json" ? "json" : "yaml";
  throw new BusbarError("FILE_TYPE_UNKNOWN", `${quote(fileName)} ends in none of .json, .yaml and .yml`);
}

export function withoutBom(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

export function tooLarge(): Diagnostic {
  const message = `the file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
  return { code: "WORKFLOW_TOO_LARGE", message, path: [], at: "value" };
}

async function readText(text: string, format: Definition["format"], options: ParseOptions): Promise<ReadText> {
  if (format === "json") return readJson(text);
  return (await yamlReaderFor(text, options)).read(text);
}

/** The package `unbash` is loaded for commands only. */
async function loadSplitCommand(): Promise<SplitCommand> {
  return (await import("./container/shell-words.ts")).splitCommand;
}

/** The package `yaml` is loaded for YAML only. */
export async function yamlReaderFor(text: string, { yamlApart }: ParseOptions): Promise<YamlReader> {
  if (yamlApart !== undefined && text.length > MAX_YAML_IN_PLACE) return yamlApart;
  const { yamlInPlace } = await import("./text/yaml.ts");
  return yamlInPlace;
}
