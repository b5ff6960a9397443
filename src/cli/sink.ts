/**
 * Where the bytes of stdout or stderr go. The first file of the command uses it too, so it imports nothing: as an ES
 * module that file would load, with `node:fs` and `node:util`, all that these load late otherwise (4 ms). Node.js
 * before 20.16, which is only told that it is too old, has no `getBuiltinModule` and leaves all writing to its streams.
 */
export interface Sink {
  /** @returns false where a slow reader has to be waited for */
  write(text: string): boolean;
  /** Resolves when the reader has caught up, or is gone. */
  caughtUp(): Promise<void>;
  /** Resolves when everything is written, or nothing more can be. */
  flush(): Promise<void>;
  /** Aborted once nothing more can be written: the reader has gone, or a write has failed. */
  readonly broken: AbortSignal;
}

type Stream = NodeJS.WriteStream & { readonly fd: number };

/** Codes of a reader that has gone (`| head`), which is no failure. Windows calls it EOF, a socket ECONNRESET. */
const READER_GONE = ["EPIPE", "EOF", "ECONNRESET"];

/** @param onFailure told once of a write that failed, and why, in words; not of a reader that has gone */
export function createSink(stream: Stream, onFailure: (why: string) => void): Sink {
  const broken = new AbortController();
  const giveUp = (cause: NodeJS.ErrnoException): void => {
    if (broken.signal.aborted) return;
    broken.abort();
    if (!READER_GONE.includes(cause.code ?? "")) onFailure(describe(cause));
  };
  // Also where Node's stream is not written to: an error that nobody listens for would end the process.
  stream.on("error", giveUp);
  const writeAll = isLeftToStream(stream)
    ? (text: string) => stream.write(text)
    : (text: string) => writeToFile(stream.fd, text);

  return {
    write(text) {
      if (broken.signal.aborted) return true;
      try {
        return writeAll(text);
      } catch (cause) {
        giveUp(cause as NodeJS.ErrnoException);
        return true;
      }
    },
    caughtUp: () =>
      new Promise((resolve) => {
        if (broken.signal.aborted) resolve();
        else stream.once("drain", resolve).once("error", resolve).once("close", resolve);
      }),
    async flush() {
      if (!broken.signal.aborted && stream.writableLength > 0) {
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
      }
      // A write that fails emits its error only after the present callback.
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
    broken: broken.signal,
  };
}

/**
 * Terminals, pipes and sockets are. Of what goes to a file Node's stream drops without a word what a short write leaves
 * over, as on a disk that fills up; and all of it where stdout is a block device or a folder.
 */
function isLeftToStream(stream: Stream): boolean {
  try {
    if (stream.isTTY === true) return true;
    const stat = process.getBuiltinModule("node:fs").fstatSync(stream.fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    // Windows has handles that say nothing about themselves.
    return true;
  }
}

function writeToFile(fd: number, text: string): true {
  const { writeSync } = process.getBuiltinModule("node:fs");
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
  return true;
}

/** `no space left on device (ENOSPC)` */
function describe(cause: NodeJS.ErrnoException): string {
  const known = process
    .getBuiltinModule?.("node:util")
    .getSystemErrorMap()
    .get(cause.errno ?? 0);
  return known === undefined ? cause.message : `${known[1]} (${known[0]})`;
}
