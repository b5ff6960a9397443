import type { BigIntStats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** Folders within folders; deeper ones are nobody's library but a whole project. */
const MAX_DEPTH = 8;
const MAX_FOLDERS = 1000;
/** Far more than anybody keeps; what is not looked at is told. */
const MAX_FILES = 10_000;

/** A name that says that a file may be a workflow. Hidden ones are none: editors and volumes keep theirs so. */
const WORKFLOW = /^[^.].*\.(?:json|ya?ml)$/i;
/** Packages have many JSON files, and none of them is a workflow. */
const PACKAGES = "node_modules";
/** What `writeBeside` leaves behind if its process dies. */
const LEFTOVER = /^\.busbar-[0-9a-f]{16}\.tmp$/;

/** A file that may be a workflow. */
export interface FoundFile {
  /** Beneath the folder, with `/` on every system. */
  readonly path: string;
  /** Differs after any change, unless two come within the resolution of the file system's clock. */
  readonly signature: string;
  /** Milliseconds since 1970, by the clock of the file system: when the file was last changed in any way. */
  readonly changedMs: number;
}

/** A folder that was looked into. */
export interface FoundFolder {
  readonly path: string;
  /** Another folder of the same name has another. */
  readonly id: string;
}

/** What lies beneath a folder. */
export interface Walked {
  /** In order of their paths. */
  readonly files: readonly FoundFile[];
  readonly folders: readonly FoundFolder[];
  /** Paths of temporary files of writers. */
  readonly leftovers: readonly string[];
  /** There is more than is looked at. */
  readonly isCut: boolean;
}

/**
 * All files beneath a folder that may be workflows; none where no folder is. Links to files are files, links to folders
 * are not followed.
 * @throws the error of the file system where the folder cannot be read
 */
export async function walkFolder(root: string): Promise<Walked> {
  const files: FoundFile[] = [];
  const folders: FoundFolder[] = [];
  const leftovers: string[] = [];
  let isCut = false;

  async function look(folder: string, prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH || folders.length >= MAX_FOLDERS) {
      isCut = true;
      return;
    }
    const { dev, ino } = await stat(folder, { bigint: true });
    folders.push({ path: folder, id: `${dev}:${ino}` });
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (LEFTOVER.test(entry.name)) leftovers.push(path);
      else if (entry.name.startsWith(".") || entry.name === PACKAGES) continue;
      else if (entry.isDirectory()) await look(join(folder, entry.name), `${path}/`, depth + 1).catch(unlessRoot);
      else if (WORKFLOW.test(entry.name)) await note(join(folder, entry.name), path);
    }
  }

  async function note(file: string, path: string): Promise<void> {
    if (files.length >= MAX_FILES) {
      isCut = true;
      return;
    }
    // Of a link that leads nowhere the link itself.
    const found = await stat(file, { bigint: true }).catch(() => lstat(file, { bigint: true }).catch(() => undefined));
    if (found !== undefined) files.push({ path, signature: signatureOf(found), changedMs: Number(found.ctimeMs) });
  }

  try {
    // A folder may be there under a name that is a link.
    await look(await realpath(root), "", 0);
  } catch (thrown) {
    if (!isNothing(thrown)) throw thrown;
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, folders, leftovers, isCut };
}

function signatureOf({ dev, ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, mode, size, mtimeNs, ctimeNs].join(":");
}

/** A folder within that is gone meanwhile, or may not be read, has no files. */
function unlessRoot(): void {}

function isNothing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
