import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { requireWord } from "../../kernel/arguments.ts";
import { describeFailure } from "../../kernel/describe-failure.ts";
import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { err, type Result } from "../../kernel/result.ts";
import { escapeUnseen } from "../../kernel/text.ts";
import { parseWorkflow } from "../../workflow/parse.ts";
import { formatOf, formatOfText, MAX_FILE_BYTES, tooLarge, type WorkflowSource } from "../../workflow/text/source.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import { createYamlApart } from "./yaml-apart.ts";

/** A workflow file as it was read. */
export interface WorkflowFile {
  readonly source: WorkflowSource;
  readonly parsed: Result<Workflow, readonly Diagnostic[]>;
  /** Diagnostics of this file, also of its params and of binding, with line and column, in file order. */
  locate(diagnostics: readonly Diagnostic[]): Promise<readonly LocatedDiagnostic[]>;
}

/**
 * Reads and parses a workflow file. Large YAML is read in a thread of its own.
 * @param path as the person wrote it; diagnostics begin with it
 * @throws BusbarError FILE_TYPE_UNKNOWN, WORKFLOW_NOT_FOUND, USAGE
 */
export async function readWorkflowFile(path: string): Promise<WorkflowFile> {
  requireWord("path", path, "the path of a workflow file");
  const format = formatOf({ fileName: path });
  // First: where the working directory is gone, a relative path would only read as that of no file.
  const file = resolve(path);
  return parseBytes(readBytes(path), { fileName: path, file, format });
}

/**
 * Reads and parses a workflow from a stream, such as stdin, as if it were a file without a name: its first character
 * says the format, and its paths are relative to the working directory.
 * @param name stands in diagnostics where a file's name does
 * @throws BusbarError WORKFLOW_NOT_FOUND
 */
export async function readWorkflowStream(stream: AsyncIterable<Uint8Array>, name: string): Promise<WorkflowFile> {
  return parseBytes(await readAll(stream, name), { fileName: name });
}

/** Parses a text as that of a file: large YAML in a thread of its own. @throws BusbarError FILE_TYPE_UNKNOWN */
export function parseLikeFile(source: WorkflowSource): ReturnType<typeof parseWorkflow> {
  return parseWorkflow(source, { yamlApart: createYamlApart() });
}

/**
 * Parses the bytes of a file that somebody else has read.
 * @param bytes undefined for more than a workflow may have
 * @throws BusbarError FILE_TYPE_UNKNOWN
 */
export async function parseBytes(bytes: Buffer | undefined, from: Omit<WorkflowSource, "text">): Promise<WorkflowFile> {
  const options = { yamlApart: createYamlApart() };
  const { text, problem } = decode(bytes);
  const source: WorkflowSource = { format: formatOfText(text), ...from, text };
  return {
    source,
    parsed: problem === undefined ? await parseWorkflow(source, options) : err([problem]),
    async locate(diagnostics) {
      // Loaded only when there is something to show.
      const { locateDiagnostics } = await import("../../workflow/text/locate.ts");
      return locateDiagnostics(diagnostics, source, options);
    },
  };
}

function decode(bytes: Buffer | undefined): { readonly text: string; readonly problem?: Diagnostic } {
  if (bytes === undefined) return { text: "", problem: tooLarge() };
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return { text };
  const utf16 = bytes[0] === 0xff || bytes[0] === 0xfe;
  const message = utf16 ? "the file is UTF-16; save it as UTF-8" : "the file is not valid UTF-8 here";
  const offset = Math.max(0, utf16 ? 0 : text.indexOf("\uFFFD"));
  return { text, problem: { code: "WORKFLOW_SYNTAX", message, path: [], at: "value", offset, length: 1 } };
}

async function readAll(stream: AsyncIterable<Uint8Array>, name: string): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > MAX_FILE_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw unreadable(name, cause);
  }
  return Buffer.concat(chunks);
}

/** @returns undefined if the file is too large, which is seen before it is read */
function readBytes(path: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new BusbarError("WORKFLOW_NOT_FOUND", `${escapeUnseen(path)} is not a file`);
    return stat.size > MAX_FILE_BYTES ? undefined : readFileSync(descriptor);
  } catch (thrown) {
    if (thrown instanceof BusbarError) throw thrown;
    throw unreadable(path, thrown);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(name: string, cause: unknown): BusbarError {
  return new BusbarError("WORKFLOW_NOT_FOUND", `${escapeUnseen(name)} cannot be read: ${describeFailure(cause)}`, {
    cause,
  });
}
