import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { requireWord } from "../../kernel/arguments.ts";
import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { reasonOf } from "../../kernel/reason.ts";
import { err, type Result } from "../../kernel/result.ts";
import { parseWorkflow } from "../../workflow/parse.ts";
import { formatOf, MAX_FILE_BYTES, tooLarge, type WorkflowSource } from "../../workflow/text/source.ts";
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
  formatOf(path);
  const options = { yamlApart: createYamlApart() };
  // First: where the working directory is gone, a relative path would only read as that of no file.
  const file = resolve(path);
  const { text, problem } = readText(path);
  const source: WorkflowSource = { fileName: path, file, text };
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

/** Parses a text as that of a file: large YAML in a thread of its own. @throws BusbarError FILE_TYPE_UNKNOWN */
export function parseLikeFile(source: WorkflowSource): ReturnType<typeof parseWorkflow> {
  return parseWorkflow(source, { yamlApart: createYamlApart() });
}

function readText(path: string): { readonly text: string; readonly problem?: Diagnostic } {
  const bytes = readBytes(path);
  if (bytes === undefined) return { text: "", problem: tooLarge() };
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return { text };
  const utf16 = bytes[0] === 0xff || bytes[0] === 0xfe;
  const message = utf16 ? "the file is UTF-16; save it as UTF-8" : "the file is not valid UTF-8 here";
  const offset = Math.max(0, utf16 ? 0 : text.indexOf("\uFFFD"));
  return { text, problem: { code: "WORKFLOW_SYNTAX", message, path: [], at: "value", offset, length: 1 } };
}

/** @returns undefined if the file is too large, which is seen before it is read */
function readBytes(path: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new BusbarError("WORKFLOW_NOT_FOUND", `${path} is not a file`);
    return stat.size > MAX_FILE_BYTES ? undefined : readFileSync(descriptor);
  } catch (thrown) {
    if (thrown instanceof BusbarError) throw thrown;
    throw new BusbarError("WORKFLOW_NOT_FOUND", `${path} cannot be read: ${reasonOf(thrown)}`, { cause: thrown });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
