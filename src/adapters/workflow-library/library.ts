import type { watch } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { describeFailure } from "../../kernel/describe-failure.ts";
import type { LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { DefinitionText } from "../../ports/runtime.ts";
import type { WorkflowLibrary, WorkflowListing } from "../../ports/workflow-library.ts";
import { hashDefinition } from "../../workflow/model/definition.ts";
import { withoutBom } from "../../workflow/text/source.ts";
import { type Entry, type Listed, nameFiles } from "./catalogue.ts";
import { type FileState, nameTaken, readFileState } from "./file-state.ts";
import { followFolder } from "./follow-folder.ts";
import type { FileText, Parser } from "./parser.ts";
import { createPutting } from "./put.ts";
import { readInside } from "./read-inside.ts";
import { openVersions } from "./versions.ts";
import { createViews } from "./view.ts";
import { type FoundFolder, walkFolder } from "./walk-folder.ts";

/** A temporary file of a writer that is surely gone. */
const LEFTOVER_MS = 3_600_000;

/** Where a library is, and what it needs. */
export interface LibraryOptions {
  /** The directory of the files; it may appear later, and is made by the first upload. */
  readonly folder: string;
  /** Where versions are kept. */
  readonly versionsFolder: string;
  readonly parser: Parser;
  readonly clock: Clock;
  /** Told of what the library survives: a directory that cannot be read, a version that cannot be kept. */
  readonly onTrouble: (trouble: unknown) => void;
  /** Between two looks at the directory, at least. */
  readonly minPollMs?: number;
  /** For tests: what a system has that gives no notices. */
  readonly watch?: typeof watch;
}

/** The files of a directory as workflows. They are read in the background: the first answer waits for that. */
export function openWorkflowLibrary(options: LibraryOptions): WorkflowLibrary {
  const { folder, parser, clock } = options;
  const versions = openVersions(options.versionsFolder);
  const listeners = new Set<(names: readonly string[]) => void>();
  let files: ReadonlyMap<string, FileState> = new Map();
  let listed: ReadonlyMap<string, Listed> = new Map();
  let last: Promise<unknown> = Promise.resolve();
  const told = new Set<string>();
  /** Where files say names that others have: worked out once, and not at each look. */
  const taken = new Map<string, { readonly key: string; readonly diagnostics: readonly LocatedDiagnostic[] }>();
  let isClosed = false;

  /** Looks and uploads come one after the other. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  /** Each trouble once, for as long as it lasts. */
  function tell(what: string, cause: unknown): void {
    if (told.has(what)) return;
    told.add(what);
    options.onTrouble(new Error(`${what}: ${describeFailure(cause)}`));
  }

  const cannotRead = `the directory of workflows ${folder} cannot be read`;

  /** @param isOver whether nobody waits for it any more */
  async function look(
    isOver: () => boolean,
  ): Promise<{ readonly folders: readonly FoundFolder[]; readonly again: boolean }> {
    const walked = await walkFolder(folder);
    told.delete(cannotRead);
    if (walked.isCut) tell(`the directory of workflows ${folder}`, "it has more in it than is looked at");
    await removeLeftovers(walked.leftovers);
    const next = new Map<string, FileState>();
    for (const found of walked.files) {
      // What has been read so far is not all that there is.
      if (isOver()) return { folders: [], again: false };
      const before = files.get(found.path);
      const isKnown = before?.signature === found.signature && before.isSettled;
      const state = isKnown ? before : await readFileState(folder, found, before, { parser, now: clock.now() });
      if (state !== undefined) next.set(found.path, state);
    }
    files = next;
    for (const path of taken.keys()) if (!files.has(path)) taken.delete(path);
    const again = await list(nameFiles([...files.values()], versions));
    // No notice comes of a directory that is not there yet.
    const isMissing = walked.folders.length === 0;
    const isYoung = [...files.values()].some(({ isSettled }) => !isSettled);
    return { folders: walked.folders, again: again || isMissing || isYoung };
  }

  /** @returns whether a file has changed since it was read */
  async function list(entries: readonly Entry[]): Promise<boolean> {
    const now = new Map<string, Listed>();
    let again = false;
    for (const entry of entries) {
      if (entry.isNamed && entry.state.said.valid && !(await keepVersion(entry, entry.state.said.hash))) again = true;
      now.set(entry.name, { ...entry, listing: await listingOf(entry) });
    }
    const before = listed;
    listed = now;
    const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
      (name) => JSON.stringify(before.get(name)?.listing) !== JSON.stringify(now.get(name)?.listing),
    );
    if (changed.length > 0) for (const listener of listeners) listener(changed);
    return again;
  }

  /** @returns false if the file no longer says that */
  async function keepVersion({ name, state }: Entry, hash: string): Promise<boolean> {
    const newest = versions.of(name).at(-1);
    const cannotKeep = `a version of the workflow ${JSON.stringify(name)} cannot be kept`;
    try {
      if (newest?.definition_hash === hash) {
        versions.move(name, state.path);
        return true;
      }
      const text = await readText(state.path);
      if (text === undefined || hashDefinition(text) !== hash) return false;
      const { format, path, writtenAt } = state;
      // A file that was copied or checked out may be older than what it replaces.
      const isLater = newest === undefined || newest.at < writtenAt;
      versions.record(name, path, { hash, text, format, at: isLater ? writtenAt : timestampOf(clock.now()) }, false);
      told.delete(cannotKeep);
    } catch (thrown) {
      tell(cannotKeep, thrown);
    }
    return true;
  }

  async function listingOf({ name, state, heldBy, isNamed }: Entry): Promise<WorkflowListing> {
    const { path, said } = state;
    const kept = isNamed ? versions.of(name) : [];
    const newest = kept.at(-1);
    const valid = said.valid && isNamed;
    const hash = valid ? said.hash : newest?.definition_hash;
    const nameIsTaken = heldBy === undefined ? [] : await locateTaken(state, heldBy);
    return {
      name,
      file: path,
      valid,
      ...(hash === undefined ? {} : { definition_hash: hash }),
      versions: kept.length,
      nodes: said.valid ? said.nodes : 0,
      diagnostics: [...nameIsTaken, ...said.diagnostics],
      updated_at: valid && newest?.definition_hash === hash ? (newest?.at ?? state.writtenAt) : state.writtenAt,
    };
  }

  async function locateTaken(
    { path, hash, said, format }: FileState,
    heldBy: string,
  ): Promise<readonly LocatedDiagnostic[]> {
    const key = JSON.stringify([path, hash, heldBy, said.name]);
    const known = taken.get(path);
    if (known?.key === key) return known.diagnostics;
    const text = await readText(path);
    if (text === undefined) return [];
    const { locate } = await parser.parse(Buffer.from(text), { fileName: path });
    const located = await locate([nameTaken(heldBy, said.name ?? "")]);
    const isShown = (await parser.show({ text, format })) !== undefined;
    const diagnostics = isShown ? located : located.map((one) => ({ ...one, source_line: "" }));
    taken.set(path, { key, diagnostics });
    return diagnostics;
  }

  async function readText(path: string): Promise<string | undefined> {
    const read = await readInside(folder, path).catch(() => undefined);
    return read?.bytes === undefined ? undefined : withoutBom(read.bytes.toString("utf8"));
  }

  async function removeLeftovers(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const found = await stat(join(folder, path)).catch(() => undefined);
      if (found !== undefined && clock.now() - found.mtimeMs > LEFTOVER_MS) {
        await rm(join(folder, path), { force: true }).catch(() => undefined);
      }
    }
  }

  const following = followFolder({
    clock,
    look: () => alone(() => look(() => isClosed)),
    onTrouble: (cause) => tell(cannotRead, cause),
    ...(options.minPollMs === undefined ? {} : { minPollMs: options.minPollMs }),
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  });
  /** The first look, which was begun above. */
  const ready = last;

  async function find(name: string): Promise<Listed> {
    await ready;
    const found = listed.get(name);
    if (found === undefined) throw unknown(`no workflow is called ${JSON.stringify(name)}`);
    return found;
  }

  /** The text of a version as a run takes it; without a version, of the file as it stands. */
  async function definitionOf({ name, state }: Listed, version: string): Promise<DefinitionText> {
    const kept = versions.read(name, version);
    const file = resolve(folder, state.path);
    if (kept !== undefined) return { ...kept, file };
    const text = await readText(state.path);
    if (text !== undefined && hashDefinition(text) === version) return { text, format: state.format, file };
    throw unknown(`the workflow ${JSON.stringify(name)} has no version ${JSON.stringify(version)}`);
  }

  async function brokenText({ state }: Listed): Promise<FileText | undefined> {
    const text = await readText(state.path);
    return text === undefined ? undefined : { text, format: state.format };
  }

  const views = createViews({ parser, versions, definitionOf, brokenText });
  const put = createPutting({
    folder,
    parser,
    versions,
    clock,
    look: () => look(() => false),
    find: (name) => listed.get(name),
  });

  return {
    async list() {
      await ready;
      return [...listed.values()].map(({ listing }) => listing);
    },
    async get(name, version) {
      return views.view(await find(name), version);
    },
    async read(name, version) {
      const found = await find(name);
      const { valid, definition_hash: hash } = found.listing;
      if (version === undefined && (!valid || hash === undefined)) throw broken(found.listing);
      return parser.read(await definitionOf(found, version ?? hash ?? ""));
    },
    async put(input) {
      const result = await alone(() => put(input));
      // It may have made the directory.
      following.nudge();
      return result;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      listeners.clear();
      await following.close();
      await last;
    },
  };
}

function unknown(message: string): BusbarError {
  return new BusbarError("WORKFLOW_UNKNOWN", message);
}

function broken({ name, diagnostics, definition_hash: hash }: WorkflowListing): BusbarError {
  const [first] = diagnostics.filter(({ severity }) => severity === undefined);
  const place = first === undefined ? "" : `${first.file}:${first.line}:${first.column}: ${first.message}`;
  const kept = hash === undefined ? "" : `; its last version that was in order is ${hash}`;
  return new BusbarError(
    first?.code ?? "WORKFLOW_UNKNOWN",
    `the workflow ${JSON.stringify(name)} cannot be run as its file stands: ${place}${kept}`,
    { details: { diagnostics: diagnostics.map((one) => ({ ...one })) } },
  );
}
