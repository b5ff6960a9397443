import type { LocatedDiagnostic } from "../kernel/diagnostics.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { Definition } from "../workflow/model/definition.ts";
import type { Workflow } from "../workflow/workflow.ts";

/**
 * The workflows that a server offers: the files of a directory, which people edit and upload, by the name that each
 * says. What a file said when it was valid is kept as a version, whatever becomes of the file.
 *
 * W1  Each valid file is a workflow, called by its `workflow_name`. Of two files with one name, that one has it that
 *     had it before, else the first in order of their paths; the other is told by its own path, with a diagnostic.
 * W2  A file that is broken stays in the list, with what is wrong with it, and with the versions of its workflow. `read`
 *     refuses it, unless a version is asked for.
 * W3  A valid file that says something new is a version before anybody is told of it.
 * W4  `put` writes a file whole or not at all, and only beneath the directory. Of two that expect the same version,
 *     one is refused with WORKFLOW_CHANGED.
 * W5  Nothing that is shown holds literal tokens.
 */
export interface WorkflowLibrary {
  /** In order of their names. */
  list(): Promise<readonly WorkflowListing[]>;
  /**
   * @param version a `definition_hash`; left out: the file as it stands
   * @throws BusbarError WORKFLOW_UNKNOWN
   */
  get(name: string, version?: string): Promise<WorkflowView>;
  /**
   * What a run is made of.
   * @throws BusbarError WORKFLOW_UNKNOWN; of a broken file the code of its first diagnostic
   */
  read(name: string, version?: string): Promise<Workflow>;
  /**
   * Stores a workflow under the name that it says: a new file, or over the one that has the name.
   * @throws BusbarError WORKFLOW_CHANGED, WORKFLOW_UNWRITABLE; USAGE where it says another name than it is put under
   */
  put(input: PutWorkflow): Promise<PutResult>;
  /** Tells which names are new, changed or gone. @returns ends it */
  onChange(listener: (names: readonly string[]) => void): () => void;
  close(): Promise<void>;
}

/** A workflow in a list. */
export interface WorkflowListing {
  /** What it is asked for by: its `workflow_name`; of a file that has none of its own, its path beneath the directory. */
  readonly name: string;
  /** Path beneath the directory, with `/` on every system. */
  readonly file: string;
  /** Whether the file as it stands can be run. */
  readonly valid: boolean;
  /** Of the last version; absent where there never was one. */
  readonly definition_hash?: string;
  /** How many are kept. */
  readonly versions: number;
  /** Of the file as it stands; 0 where it is broken. */
  readonly nodes: number;
  /** What is wrong with the file, warnings too, in its order. */
  readonly diagnostics: readonly LocatedDiagnostic[];
  /** RFC 3339: since when the file says what it says. */
  readonly updated_at: string;
}

/** All that is known of a workflow, or of one of its versions. */
export interface WorkflowView extends WorkflowListing {
  /**
   * `***` in the place of literal values of metadata and of containers' variables; `definition_hash` is that of the text
   * as stored. Absent of a file of which nobody can say what in it is a value.
   */
  readonly definition_text?: string;
  readonly definition_format: Definition["format"];
  /** In file order; none of a broken file. */
  readonly graph: WorkflowGraph;
  /** JSON Schema of the params of a run. */
  readonly params: JsonObject;
  /** Newest first. A text that came back stands there twice. */
  readonly history: readonly WorkflowVersion[];
}

/** Which node waits for which. */
export interface WorkflowGraph {
  readonly nodes: readonly WorkflowNodeView[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** A node of a workflow that is not running. */
export interface WorkflowNodeView {
  readonly id: string;
  /** Its kind. */
  readonly executor: string;
  /** For people. */
  readonly name?: string;
  /** Which service it calls, if it calls one. */
  readonly service?: string;
}

/** What a workflow's file said from some time on. */
export interface WorkflowVersion {
  readonly definition_hash: string;
  /** RFC 3339: when it was uploaded, or written; when it was seen, where the file is older than the version before. */
  readonly at: string;
  /** Who uploaded it; absent where the file was changed. */
  readonly by?: string;
}

/** A workflow to store. */
export interface PutWorkflow {
  readonly text: string;
  readonly format: Definition["format"];
  /** Who does it, for people. */
  readonly by: string;
  /** The name under which it is put; left out: whatever it says. */
  readonly name?: string;
  /** What must be stored under the name: the version of that hash, or nothing (null). Left out: anything. */
  readonly replaces?: string | null;
}

/** What became of it, or all that is wrong with it. */
export type PutResult =
  | {
      readonly ok: true;
      readonly change: "created" | "replaced" | "unchanged";
      readonly workflow: WorkflowListing;
    }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[] };
