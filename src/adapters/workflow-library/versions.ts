import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isFields } from "../../kernel/arguments.ts";
import { isFolder, makeFolder } from "../../kernel/make-folder.ts";
import { nameOnDisk } from "../../kernel/name-on-disk.ts";
import type { WorkflowVersion } from "../../ports/workflow-library.ts";
import { hashDefinition } from "../../workflow/model/definition.ts";
import type { FileText } from "./parser.ts";
import { syncFolder, writeBeside } from "./write-whole.ts";

/** No name of a workflow file, in case the library lies around its versions. */
const INDEX = "index";
/** Of one workflow. Runs keep what they were made of themselves. */
const MAX_VERSIONS = 100;
const MAX_BYTES = 64 * 1024 * 1024;

/** A version as it is stored. */
export interface StoredVersion extends WorkflowVersion {
  readonly format: FileText["format"];
  /** Characters of the text. */
  readonly length: number;
}

/** A version to store. */
export interface NewVersion extends FileText {
  readonly hash: string;
  /** RFC 3339. */
  readonly at: string;
  readonly by?: string;
}

/** What the workflows of a library have said, and which file has which name. */
export interface Versions {
  /** Oldest first; none of a name that is not known. */
  of(name: string): readonly StoredVersion[];
  /** The file that had the name last. */
  fileOf(name: string): string | undefined;
  /** The name that a file had last. */
  nameOf(file: string): string | undefined;
  /**
   * What a file says now; nothing is done if it is known.
   * @param isDurable for what nobody could say once more
   * @throws the error of the file system
   */
  record(name: string, file: string, version: NewVersion, isDurable: boolean): void;
  /** The workflow's file has moved, or says its name again. @throws the error of the file system */
  move(name: string, file: string): void;
  /** Undefined where the version is not kept, or not what it was. */
  read(name: string, hash: string): FileText | undefined;
}

/** What is known of a name; its file on the disk. */
interface Index {
  readonly name: string;
  readonly file: string;
  readonly versions: readonly StoredVersion[];
  /** Of names that one file has had, the one with the highest is its last. */
  readonly order: number;
}

/**
 * Versions in a folder: for each workflow a folder with its index and its texts, each under its hash. Nothing is made
 * before there is something to keep. What is damaged there is forgotten: the files themselves say what is so now.
 */
export function openVersions(folder: string): Versions {
  const indexes = new Map<string, Index>();
  const names = new Map<string, string>();

  const folderOf = (name: string): string => join(folder, nameOnDisk(name));
  const textPath = (name: string, hash: string): string => join(folderOf(name), `${hash.replace("sha256:", "")}.txt`);

  let lastOrder = 0;

  function keep(index: Index): void {
    const before = indexes.get(index.name);
    indexes.set(index.name, index);
    names.set(index.file, index.name);
    lastOrder = index.order;
    if (before !== undefined && before.file !== index.file) recall(before.file);
  }

  /** Of a file whose name has gone to another: as it is after a restart, when nothing but the indexes is known. */
  function recall(file: string): void {
    const had = [...indexes.values()].filter((index) => index.file === file);
    const last = had.toSorted((a, b) => a.order - b.order).at(-1);
    if (last === undefined) names.delete(file);
    else names.set(file, last.name);
  }

  function write(said: Omit<Index, "order">, isDurable: boolean): void {
    const { name } = said;
    const index = { ...said, order: lastOrder + 1 };
    writeBeside(join(folderOf(name), INDEX), `${JSON.stringify({ format: 1, ...index })}\n`, isDurable).place();
    keep(index);
  }

  /** Texts that are of no version any more. */
  function removeUnused({ name, versions }: Pick<Index, "name" | "versions">): void {
    const used = new Set(versions.map(({ definition_hash }) => textPath(name, definition_hash)));
    for (const entry of readdirSync(folderOf(name))) {
      const path = join(folderOf(name), entry);
      if (entry !== INDEX && !used.has(path)) rmSync(path, { force: true });
    }
  }

  for (const index of readIndexes(folder).toSorted((a, b) => a.order - b.order)) keep(index);

  return {
    of: (name) => indexes.get(name)?.versions ?? [],
    fileOf: (name) => indexes.get(name)?.file,
    nameOf: (file) => names.get(file),
    record(name, file, { hash, text, format, at, by }, isDurable) {
      const known = indexes.get(name)?.versions ?? [];
      if (known.at(-1)?.definition_hash === hash) return;
      makeFolder(folderOf(name), (made) => isDurable && syncFolder(dirname(made)));
      writeBeside(textPath(name, hash), text, isDurable).place();
      const more = by === undefined ? {} : { by };
      const version = { definition_hash: hash, at, ...more, format, length: text.length };
      const versions = bound([...known, version]);
      write({ name, file, versions }, isDurable);
      if (versions.length <= known.length) removeUnused({ name, versions });
    },
    move(name, file) {
      const known = indexes.get(name);
      if (known === undefined || (known.file === file && names.get(file) === name)) return;
      write({ ...known, file }, false);
    },
    read(name, hash) {
      const version = indexes.get(name)?.versions.find(({ definition_hash }) => definition_hash === hash);
      if (version === undefined) return undefined;
      try {
        const text = readFileSync(textPath(name, hash), "utf8");
        return hashDefinition(text) === hash ? { text, format: version.format } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** The newest ones; the last is kept however long it is. */
function bound(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  let chars = 0;
  let from = versions.length;
  while (from > 0 && versions.length - from < MAX_VERSIONS) {
    chars += versions[from - 1]?.length ?? 0;
    if (chars > MAX_BYTES && from < versions.length) break;
    from -= 1;
  }
  return versions.slice(from);
}

function readIndexes(folder: string): readonly Index[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder).flatMap((entry) => {
    try {
      const index: unknown = JSON.parse(readFileSync(join(folder, entry, INDEX), "utf8"));
      if (!isIndex(index) || nameOnDisk(index.name) !== entry) return [];
      // Earlier versions of Busbar wrote none.
      return [{ ...index, order: typeof index.order === "number" ? index.order : 0 }];
    } catch {
      return [];
    }
  });
}

function isIndex(value: unknown): value is Omit<Index, "order"> & { readonly order?: unknown } {
  if (!isFields(value) || value.format !== 1) return false;
  const { name, file, versions } = value;
  return typeof name === "string" && typeof file === "string" && Array.isArray(versions) && versions.every(isVersion);
}

function isVersion(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { definition_hash, at, by, format, length } = value;
  return (
    typeof definition_hash === "string" &&
    /^sha256:[0-9a-f]{64}$/.test(definition_hash) &&
    typeof at === "string" &&
    (by === undefined || typeof by === "string") &&
    (format === "json" || format === "yaml") &&
    typeof length === "number"
  );
}
