import type { Stats } from "node:fs";
import type { ScriptOptions } from "node:vm";

/** A file of commands, loaded. */
export interface LoadedFile {
  readonly exports: { main(argv: readonly string[]): Promise<void> };
  /** Writes down what has been compiled of the file by now, if that is not known yet. Never throws. */
  keepCompiled(): void;
}

/** What is kept is made anew after that long: commands that were used meanwhile add what they call. */
const KEPT_FOR_MS = 3600_000;
/** Whoever has not written it by then was killed meanwhile. */
const WRITTEN_WITHIN_MS = 60_000;

/**
 * Loads a CommonJS file of ASCII characters, without import(), with the code that V8 compiled of it before.
 *
 * Node's compile cache keeps what is compiled on loading, and compiles anew, each time, what is called then: of `busbar
 * run` 13 ms of 90. This one is written when a command has ended. It lies beside Node's, which says where that is and
 * may be switched off (NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE).
 *
 * V8 takes for granted that compiled code belongs to the source and is whole: of single flipped bits every fourth ends
 * the process, or makes the command do something else. So the file holds it twice, which costs a start less than the
 * modules with a checksum; ends with the build, size and time of the source; and is read only where nobody else can have
 * written it.
 *
 * @param build changes with the contents of the file
 */
export function loadFile(path: string, build: string): LoadedFile {
  const { readFileSync, statSync } = process.getBuiltinModule("node:fs");
  const { Script } = process.getBuiltinModule("node:vm");
  const { createRequire, getCompileCacheDir } = process.getBuiltinModule("node:module");
  const { size, mtimeMs } = statSync(path);
  const cachePath = cachePathOf(path, getCompileCacheDir());
  const seal = Buffer.from(`\0busbar ${build} ${size} ${mtimeMs}`);
  const kept = cachePath === undefined ? undefined : readKept(cachePath, seal);
  const options: ScriptOptions = { filename: path, ...(kept && { cachedData: kept.code }) };
  // All of it is ASCII, which the build sees to: as UTF-8 it would take 1 ms longer.
  const source = readFileSync(path, "latin1");
  const script = new Script(`(function (exports, require, module, __filename) { ${source}\n})`, options);
  const module = { exports: {} as LoadedFile["exports"] };
  script.runInThisContext()(module.exports, createRequire(path), module, path);
  return {
    exports: module.exports,
    keepCompiled() {
      if (cachePath === undefined || (kept?.isFresh && script.cachedDataRejected === false)) return;
      writeKept(cachePath, () => {
        const code = script.createCachedData();
        return Buffer.concat([code, code, seal]);
      });
    },
  };
}

/** One for each place where a file lies, so that a new version takes the place of the old one. */
function cachePathOf(path: string, folder: string | undefined): string | undefined {
  return folder && `${folder}/busbar-${Buffer.from(path).toString("base64url").slice(-100)}`;
}

function readKept(path: string, seal: Buffer): { readonly code: Buffer; readonly isFresh: boolean } | undefined {
  const { closeSync, constants, fstatSync, openSync, readFileSync } = process.getBuiltinModule("node:fs");
  let fd: number | undefined;
  try {
    // A pipe would be waited for. Windows has neither.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(fd);
    if (!isOursAlone(stats)) return undefined;
    const bytes = readFileSync(fd);
    const sealAt = bytes.length - seal.length;
    if (sealAt <= 0 || sealAt % 2 === 1 || !bytes.subarray(sealAt).equals(seal)) return undefined;
    const code = bytes.subarray(0, sealAt / 2);
    if (!code.equals(bytes.subarray(code.length, sealAt))) return undefined;
    return { code, isFresh: isYounger(stats, KEPT_FOR_MS) };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Whole or not at all. Where the machine fails the file may be cut or empty, which the next command sees.
 * @param make called once there is a place to write to: it takes some milliseconds
 */
function writeKept(path: string, make: () => Uint8Array): void {
  const { closeSync, fstatSync, openSync, renameSync, rmSync, statSync, writeFileSync } =
    process.getBuiltinModule("node:fs");
  const temporary = `${path}.new`;
  let fd: number | undefined;
  try {
    fd = openSync(temporary, "wx", 0o600);
    // On a file system without permissions it would never be read, and written by each command.
    if (!isOursAlone(fstatSync(fd))) throw new Error("not ours alone");
    writeFileSync(fd, make());
    renameSync(temporary, path);
  } catch {
    try {
      // Another command is writing it now, or was killed while it did.
      if (fd !== undefined || !isYounger(statSync(temporary), WRITTEN_WITHIN_MS)) rmSync(temporary);
    } catch {
      // It is not there, or not to be removed.
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** And can be read again. Windows has no such owners and permissions; there the folder is the user's own. */
function isOursAlone(stats: Stats): boolean {
  return (
    stats.isFile() &&
    (process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o422) === 0o400))
  );
}

/** Not of what a clock that was set back has made older than now. */
function isYounger({ mtimeMs }: Stats, ms: number): boolean {
  const ageMs = Date.now() - mtimeMs;
  return ageMs >= 0 && ageMs < ms;
}
