import { lstatSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { nameOnDisk } from "../../kernel/name-on-disk.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { PutResult, PutWorkflow } from "../../ports/workflow-library.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import type { Listed } from "./catalogue.ts";
import { holdFolder } from "./hold-folder.ts";
import type { FileText, Parser } from "./parser.ts";
import type { Versions } from "./versions.ts";
import { syncFolder, writeBeside } from "./write-whole.ts";

/** What uploads are stored with. */
export interface PutTools {
  readonly folder: string;
  readonly parser: Parser;
  readonly versions: Versions;
  readonly clock: Clock;
  /** Reads what is in the folder now. */
  look(): Promise<unknown>;
  /** The workflow of that name, or the file that is called so. */
  find(name: string): Listed | undefined;
}

/** Stores uploads. Two at once are the caller's to keep apart. */
export function createPutting({ folder, parser, versions, clock, look, find }: PutTools) {
  async function put({ text, format, by, name, replaces }: PutWorkflow): Promise<PutResult> {
    if (!text.isWellFormed())
      throw new BusbarError("USAGE", "the text has half of a character in it (a lone surrogate)");
    const { parsed, locate } = await parser.parse(Buffer.from(text), { fileName: `${name ?? "upload"}.${format}` });
    if (!parsed.ok) return { ok: false, diagnostics: await locate(parsed.error) };
    const workflow = parsed.value;
    if (name !== undefined && workflow.name !== name) {
      const message = `the text says workflow_name ${JSON.stringify(workflow.name)}; it cannot be put under ${JSON.stringify(name)}`;
      throw new BusbarError("USAGE", message);
    }
    await look();
    const found = find(workflow.name);
    const current = found?.isNamed === true ? found : undefined;
    requireReplaced(workflow.name, current, replaces);
    const { hash } = workflow.definition;
    if (current?.listing.valid === true && current.listing.definition_hash === hash) {
      return { ok: true, change: "unchanged", workflow: current.listing };
    }
    store(workflow, { text, format }, by, current);
    await look();
    const stored = find(workflow.name);
    if (stored === undefined) throw unwritable(workflow.name, new Error("its file is gone again"));
    return { ok: true, change: current === undefined ? "created" : "replaced", workflow: stored.listing };
  }

  function store(workflow: Workflow, file: FileText, by: string, current: Listed | undefined): void {
    const { name, definition } = workflow;
    const path = pathFor(name, file.format, current?.state.path);
    try {
      makeFolder(folder, (made) => syncFolder(dirname(made)));
      holdFolder(folder, dirname(path), (within) => {
        const written = writeBeside(join(within, basename(path)), file.text, true);
        const { hash, text } = definition;
        try {
          versions.record(name, path, { hash, text, format: file.format, at: timestampOf(clock.now()), by }, true);
        } catch (thrown) {
          written.drop();
          throw thrown;
        }
        written.place();
        // The file of another format, in the same folder.
        const before = current?.state.path ?? path;
        if (before !== path) rmSync(join(within, basename(before)), { force: true });
      });
    } catch (thrown) {
      throw unwritable(name, thrown);
    }
  }

  /** Where the name's file is, as long as its ending says the format; else a name that no file has. */
  function pathFor(name: string, format: FileText["format"], current: string | undefined): string {
    if (current !== undefined && hasEnding(current, format)) return current;
    const stem = current === undefined ? nameOnDisk(name) : current.replace(/\.[^.]+$/, "");
    for (let number = 1; ; number += 1) {
      const path = `${stem}${number === 1 ? "" : `-${number}`}.${format}`;
      if (lstatSync(join(folder, path), { throwIfNoEntry: false }) === undefined) return path;
    }
  }

  return put;
}

function hasEnding(path: string, format: FileText["format"]): boolean {
  return (format === "json" ? /\.json$/i : /\.ya?ml$/i).test(path);
}

function requireReplaced(name: string, current: Listed | undefined, replaces: string | null | undefined): void {
  if (replaces === undefined) return;
  const now = current?.listing.definition_hash;
  if (replaces === null ? current === undefined : now === replaces) return;
  const stands = current === undefined ? "there is none of that name" : `it is ${now ?? "a file that is broken"}`;
  const expected = replaces === null ? "to be new" : `to replace ${replaces}`;
  throw new BusbarError("WORKFLOW_CHANGED", `the workflow ${JSON.stringify(name)} was ${expected}; ${stands}`, {
    details: now === undefined ? {} : { definition_hash: now },
  });
}

function unwritable(name: string, cause: unknown): BusbarError {
  const message = `the workflow ${JSON.stringify(name)} cannot be stored: ${describeFailure(cause)}`;
  return new BusbarError("WORKFLOW_UNWRITABLE", message, { cause });
}
