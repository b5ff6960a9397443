import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import type { Result } from "../../kernel/result.ts";
import type { DefinitionText } from "../../ports/runtime.ts";
import type { Workflow } from "../../workflow/workflow.ts";

/** A text as it stands in a file. */
export type FileText = Pick<DefinitionText, "text" | "format">;

/** What the library needs to know of texts; it does not read them itself. */
export interface Parser {
  /** @param bytes undefined for more than a workflow may have */
  parse(
    bytes: Uint8Array | undefined,
    from: { readonly fileName: string; readonly file?: string },
  ): Promise<ParsedText>;
  /** What a run would be made of; a text is read once, as long as it is known. @throws BusbarError */
  read(definition: DefinitionText): Promise<Workflow>;
  /** Without literal tokens. Undefined where nobody can say what in it is a value. */
  show(text: FileText): Promise<string | undefined>;
  /** The `workflow_name` of a text that is no workflow. */
  findName(text: FileText): Promise<string | undefined>;
}

/** A file, and what it says. */
export interface ParsedText {
  readonly source: { readonly text: string };
  readonly parsed: Result<Workflow, readonly Diagnostic[]>;
  /** With line and column, in file order. */
  locate(diagnostics: readonly Diagnostic[]): Promise<readonly LocatedDiagnostic[]>;
}
