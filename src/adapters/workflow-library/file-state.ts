import { hash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeFailure } from "../../kernel/describe-failure.ts";
import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { ERRORS, type ErrorCode } from "../../kernel/error-table.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { formatOf } from "../../workflow/text/source.ts";
import type { Parser } from "./parser.ts";
import { readInside } from "./read-inside.ts";
import type { FoundFile } from "./walk-folder.ts";

/** A file of the library as it was last read. The text itself is not kept: a thousand files may be large. */
export interface FileState {
  /** Beneath the directory. */
  readonly path: string;
  readonly signature: string;
  /** Of the bytes. Another text may hide behind the same signature, as long as that is young. */
  readonly hash: string;
  readonly isSettled: boolean;
  /** RFC 3339: when it was last written. */
  readonly writtenAt: string;
  readonly format: Definition["format"];
  readonly said: Said;
}

/** What a file says. */
export type Said =
  | {
      readonly valid: true;
      readonly name: string;
      readonly hash: string;
      readonly nodes: number;
      /** Warnings. */
      readonly diagnostics: readonly LocatedDiagnostic[];
    }
  | {
      readonly valid: false;
      readonly name?: string;
      readonly diagnostics: readonly LocatedDiagnostic[];
    };

const MAX_DIAGNOSTICS = 100;

/** A change in the same tick of a file system's clock leaves no trace; the coarsest that are common tick in 2 s. */
const YOUNG_MS = 2500;
/** The clock of a file server may be ahead; what is said to come later than that says nothing. */
const MAX_AHEAD_MS = 3_600_000;

/**
 * Reads a file that has changed.
 * @param before what was known of it
 * @param now    milliseconds since 1970
 * @returns undefined if it is gone meanwhile
 */
export async function readFileState(
  folder: string,
  { path, signature, changedMs }: FoundFile,
  before: FileState | undefined,
  { parser, now }: { readonly parser: Parser; readonly now: number },
): Promise<FileState | undefined> {
  const format = formatOf({ fileName: path });
  const ageMs = now - changedMs;
  const isSettled = ageMs > YOUNG_MS || ageMs < -MAX_AHEAD_MS;
  try {
    const { bytes, writtenMs } = await readInside(folder, path);
    const contentHash = bytes === undefined ? "" : hash("sha256", bytes);
    const known = { path, signature, isSettled, hash: contentHash, writtenAt: timestampOf(writtenMs), format };
    if (before !== undefined && before.hash === contentHash && contentHash !== "") {
      return { ...known, said: before.said };
    }
    return { ...known, said: await readText(folder, path, bytes, parser) };
  } catch (thrown) {
    if ((await lstat(join(folder, path)).catch(() => undefined)) === undefined) return undefined;
    const said = { valid: false, diagnostics: [wholeFile(path, "WORKFLOW_NOT_FOUND", cannotBeRead(thrown))] } as const;
    return { path, signature, isSettled, hash: "", writtenAt: timestampOf(changedMs), format, said };
  }
}

async function readText(folder: string, path: string, bytes: Buffer | undefined, parser: Parser): Promise<Said> {
  const { source, parsed, locate } = await parser.parse(bytes, { fileName: path, file: resolve(folder, path) });
  if (parsed.ok) {
    const { name, definition, nodes, warnings } = parsed.value;
    const diagnostics = warnings.length === 0 ? [] : await locate(warnings);
    return { valid: true, name, hash: definition.hash, nodes: nodes.length, diagnostics };
  }
  const text = { text: source.text, format: formatOf({ fileName: path }) };
  const located = capped(await locate(parsed.error));
  if ((await parser.show(text)) === undefined) return { valid: false, diagnostics: located.map(withoutLine) };
  const name = await parser.findName(text);
  return { valid: false, ...(name === undefined ? {} : { name }), diagnostics: located };
}

/** A list of many broken files is one answer. */
function capped(located: readonly LocatedDiagnostic[]): readonly LocatedDiagnostic[] {
  const next = located[MAX_DIAGNOSTICS];
  if (next === undefined) return located;
  const message = `and ${located.length - MAX_DIAGNOSTICS} more problems, not shown`;
  return [...located.slice(0, MAX_DIAGNOSTICS), { ...next, message }];
}

/** Nobody can say whether there is a token in the line. */
function withoutLine(located: LocatedDiagnostic): LocatedDiagnostic {
  return { ...located, source_line: "" };
}

/** What is wrong with a file as a whole. */
export function wholeFile(file: string, code: ErrorCode, message: string): LocatedDiagnostic {
  return { code, message, file, line: 1, column: 1, length: 1, source_line: "", remedy: ERRORS[code].remedy };
}

/** Where a file says a name that another file has. */
export function nameTaken(heldBy: string, name: string): Diagnostic {
  const message = `${JSON.stringify(heldBy)} has the workflow_name ${JSON.stringify(name)} already`;
  return { code: "WORKFLOW_DUPLICATE_NAME", message, path: ["workflow_name"], at: "value" };
}

function cannotBeRead(thrown: unknown): string {
  return `the file cannot be read: ${describeFailure(thrown)}`;
}
