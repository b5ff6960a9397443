import type { WorkflowFile } from "../adapters/workflow-file/read-file.ts";
import type { LocatedDiagnostic } from "../kernel/diagnostics.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { DefinitionText } from "../ports/runtime.ts";
import type { Workflow } from "../workflow/workflow.ts";

/** Texts whose workflows are kept, and their characters together; the one read last is kept however long it is. */
const MAX_KEPT_TEXTS = 256;
const MAX_KEPT_CHARS = 4 * 1024 * 1024;
/** Workflows of one text: read as JSON and as YAML, from this file and that. */
const MAX_KEPT_OF_TEXT = 4;

/** A workflow file: what `start` takes, and the workflow that it says; or what is wrong with it, in file order. */
export type ReadWorkflow =
  | { readonly ok: true; readonly definition: DefinitionText; readonly workflow: Workflow }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[] };

/**
 * Workflow texts and what they say. A text is parsed once, whether it comes from a file, a caller or the journal.
 * The parser is loaded when it is first needed: a list of runs needs none.
 */
export interface Definitions {
  /** @throws BusbarError FILE_TYPE_UNKNOWN, WORKFLOW_NOT_FOUND */
  readFile(path: string): Promise<WorkflowFile>;
  /** As `readFile`, for those who have no params to be told of. */
  readWorkflow(path: string): Promise<ReadWorkflow>;
  /** A workflow that has no file, from stdin for example. @throws BusbarError WORKFLOW_NOT_FOUND */
  readStream(stream: AsyncIterable<Uint8Array>, name: string): Promise<WorkflowFile>;
  /** @throws BusbarError with the code of the first diagnostic */
  read(definition: DefinitionText): Promise<Workflow>;
}

/** @param onRead told of the text of each workflow that is read */
export function createDefinitions(onRead: (text: string) => void = () => undefined): Definitions {
  // In order of use, the oldest first. A Map compares long texts by their hash, which a string computes once.
  const kept = new Map<string, readonly Workflow[]>();
  let keptChars = 0;

  function find({ format, text, file }: DefinitionText): Workflow | undefined {
    const ofText = kept.get(text);
    if (ofText === undefined) return undefined;
    kept.delete(text);
    kept.set(text, ofText);
    return ofText.find(({ definition }) => definition.format === format && definition.file === file);
  }

  /** The workflow of a text that was just parsed; the one that is known, where somebody else was quicker. */
  function keep(workflow: Workflow): Workflow {
    const known = find(workflow.definition);
    if (known !== undefined) return known;
    const { text } = workflow.definition;
    const others = kept.get(text);
    kept.delete(text);
    kept.set(text, [workflow, ...(others ?? [])].slice(0, MAX_KEPT_OF_TEXT));
    if (others === undefined) keptChars += text.length;
    for (const oldest of kept.keys()) {
      if ((keptChars <= MAX_KEPT_CHARS && kept.size <= MAX_KEPT_TEXTS) || oldest === text) break;
      kept.delete(oldest);
      keptChars -= oldest.length;
    }
    return workflow;
  }

  async function readFile(path: string): Promise<WorkflowFile> {
    const { readWorkflowFile } = await import("../adapters/workflow-file/read-file.ts");
    return keepParsed(await readWorkflowFile(path));
  }

  function keepParsed(file: WorkflowFile): WorkflowFile {
    if (!file.parsed.ok) return file;
    onRead(file.parsed.value.definition.text);
    return { ...file, parsed: { ok: true, value: keep(file.parsed.value) } };
  }

  return {
    readFile,
    async readStream(stream, name) {
      const { readWorkflowStream } = await import("../adapters/workflow-file/read-file.ts");
      return keepParsed(await readWorkflowStream(stream, name));
    },
    async readWorkflow(path) {
      const { parsed, locate } = await readFile(path);
      if (!parsed.ok) return { ok: false, diagnostics: await locate(parsed.error) };
      const { format, text, file } = parsed.value.definition;
      const definition = { format, text, ...(file === undefined ? {} : { file }) };
      return { ok: true, definition, workflow: parsed.value };
    },
    async read(definition) {
      onRead(definition.text);
      const known = find(definition);
      if (known !== undefined) return known;
      const { format, text, file } = definition;
      const source = { fileName: `workflow.${format}`, text, ...(file === undefined ? {} : { file }) };
      const { parseLikeFile } = await import("../adapters/workflow-file/read-file.ts");
      const parsed = await parseLikeFile(source);
      if (!parsed.ok) {
        const first = parsed.error[0];
        throw new BusbarError(
          first?.code ?? "INTERNAL",
          `this version of Busbar does not accept the workflow${file === undefined ? "" : ` ${file}`}: ${first?.message}`,
        );
      }
      return keep(parsed.value);
    },
  };
}
