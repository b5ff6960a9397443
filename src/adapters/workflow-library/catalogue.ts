import type { WorkflowListing } from "../../ports/workflow-library.ts";
import type { FileState } from "./file-state.ts";

/** A file, and what the library calls it. */
export interface Entry {
  readonly name: string;
  readonly state: FileState;
  /** The file that has the name that this one says. */
  readonly heldBy?: string;
  /** Whether the name is a workflow's: that of a file which has none of its own is its path. */
  readonly isNamed: boolean;
}

/** An entry, and what is told of it. */
export interface Listed extends Entry {
  readonly listing: WorkflowListing;
}

/** Who had which name, before the files changed. */
export interface EarlierNames {
  fileOf(name: string): string | undefined;
  nameOf(file: string): string | undefined;
}

/**
 * What each file is called (W1). A name belongs to the file that had it; else to the first in order of their paths, the
 * valid ones before the broken ones. A broken file that says no name keeps the one it had, unless another says it.
 * @param files in order of their paths
 * @returns in order of the names, each once
 */
export function nameFiles(files: readonly FileState[], earlier: EarlierNames): readonly Entry[] {
  const holders = new Map<string, FileState>();
  const claim = (name: string | undefined, state: FileState): void => {
    if (name !== undefined && !holders.has(name)) holders.set(name, state);
  };
  for (const state of files) {
    const { name } = state.said;
    if (name !== undefined && earlier.fileOf(name) === state.path) claim(name, state);
  }
  for (const state of files) if (state.said.valid) claim(state.said.name, state);
  for (const state of files) claim(state.said.name, state);
  for (const state of files) if (state.said.name === undefined) claim(earlier.nameOf(state.path), state);

  const named = new Map([...holders].map(([name, { path }]) => [path, name]));
  const entries = files.map((state): Entry => {
    const own = named.get(state.path);
    if (own !== undefined) return { name: own, state, isNamed: true };
    const heldBy = state.said.name === undefined ? undefined : holders.get(state.said.name)?.path;
    // A workflow may be called as a file is.
    let name = state.path;
    while (holders.has(name)) name = `./${name}`;
    return { name, state, isNamed: false, ...(heldBy === undefined ? {} : { heldBy }) };
  });
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
