// A client writes what it has to say itself, last of all, to where it passes on the stderr of its container.

/** Keeps back what may be the client's own, until more comes or the client has ended. */
export interface LastWords {
  /** What of the chunk, and of what was kept back before it, is the container's. */
  push(chunk: Buffer): Buffer;
  held(): Buffer;
  /** What is kept back is the container's, too. */
  release(): Buffer;
}

/** docker logs by logrus, `time="…" level=error msg="…"`, or prints its reason; podman begins with `Error: `. */
const CLIENTS =
  /(?:(?:time="[^"\n]*" level=\w+ msg=|error waiting for container: |error (?:during connect|from daemon)|(?:Error: )?Error response from daemon: |Error: |Cannot connect to |unexpected EOF|read (?:unix|tcp) |write (?:unix|tcp) )[^\n]*\n+)+$/i;
/** What it says is short. */
const MAX_HELD_BYTES = 8 * 1024;
const NOTHING = Buffer.alloc(0);

export function createLastWords(): LastWords {
  let held: Buffer = NOTHING;
  return {
    push(chunk) {
      const all = Buffer.concat([held, chunk]);
      const from = Math.max(0, all.length - MAX_HELD_BYTES);
      const words = CLIENTS.exec(all.subarray(from).toString("latin1"));
      const end = words === null ? all.length : from + words.index;
      held = all.subarray(end);
      return all.subarray(0, end);
    },
    held: () => held,
    release() {
      const released = held;
      held = NOTHING;
      return released;
    },
  };
}
