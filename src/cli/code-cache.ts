import type { ScriptOptions } from "node:vm";

/** A file of commands, loaded. */
export interface LoadedFile {
  readonly exports: { main(argv: readonly string[]): Promise<void> };
  /** Writes down what has been compiled of the file by now, if that is not known yet. Never throws. */
  keepCompiled(): void;
}

/** What is kept is made anew after that long: commands that were used meanwhile add what they call. */
const KEPT_FOR_MS = 3600_000;

/**
 * Loads a CommonJS file of ASCII characters with the code that V8 compiled of it before.
 *
 * Node's compile cache keeps what is compiled on loading, and compiles anew, each time, what is called then: of `busbar
 * run` 13 ms of 90. This one is written when a command has ended. It lies beside Node's, which says where that is and
 * may be switched off (NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE).
 *
 * V8 takes for granted that compiled code belongs to the source and is whole. So the file ends with the build, size and
 * time of the source, and is read only where nobody else can have written it.
 *
 * @param build changes with the contents of the file
 */
export function loadFile(path: string, build: string): LoadedFile {
  const { readFileSync, statSync } = process.getBuiltinModule("node:fs");
  const { Script, constants } = process.getBuiltinModule("node:vm");
  const { createRequire, getCompileCacheDir } = process.getBuiltinModule("node:module");
  const { size, mtimeMs } = statSync(path);
  const cachePath = cachePathOf(path, getCompileCacheDir());
  const seal = Buffer.from(`\0busbar ${build} ${size} ${mtimeMs}`);
  const kept = cachePath === undefined ? undefined : readKept(cachePath, seal);
  const options: ScriptOptions = {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(kept && { cachedData: kept.code }),
  };
  // All of it is ASCII, which the build sees to: as UTF-8 it would take 1 ms longer.
  const source = readFileSync(path, "latin1");
  const script = new Script(`(function (exports, require, module, __filename) { ${source}\n})`, options);
  const module = { exports: {} as LoadedFile["exports"] };
  script.runInThisContext()(module.exports, createRequire(path), module, path);
  return {
    exports: module.exports,
    keepCompiled() {
      if (cachePath === undefined || (kept?.isFresh && script.cachedDataRejected === false)) return;
      writeKept(cachePath, [script.createCachedData(), seal]);
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
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const { uid, mode, mtimeMs } = fstatSync(fd);
    // Windows has neither; there the folder is the user's own.
    const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    const bytes = isOurs ? readFileSync(fd) : Buffer.alloc(0);
    if (!bytes.subarray(-seal.length).equals(seal)) return undefined;
    const ageMs = Date.now() - mtimeMs;
    return { code: bytes.subarray(0, -seal.length), isFresh: ageMs >= 0 && ageMs < KEPT_FOR_MS };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Whole or not at all, also where the machine fails. */
function writeKept(path: string, parts: readonly Uint8Array[]): void {
  const { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule("node:fs");
  const temporary = `${path}.${process.pid}`;
  try {
    const fd = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(fd, Buffer.concat(parts));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}
