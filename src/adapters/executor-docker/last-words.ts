// A client writes what it has to say itself, last of all, to where it passes on the stderr of its container.
import { lastOf } from "./seen.ts";

/** Keeps back what may be the client's own, until more comes or the client has ended. */
export interface LastWords {
  /** What of the chunk, and of what was kept back before it, is the container's. */
  push(chunk: Buffer): Buffer;
  held(): Buffer;
  /** Whether what is kept back is what programs in containers say, too: `Error: …`. */
  isCommon(): boolean;
  /** What is kept back is the container's, too. */
  release(): Buffer;
}

/** Of docker's engine or a connection to one; also behind a line of the container's that has not ended. */
const OF_ENGINES =
  /error waiting for container: |error (?:during connect|from daemon)|(?:Error: )?Error response from daemon: |Cannot connect to the Docker daemon|(?:Error: )?unable to connect to Podman/
    .source;
/** docker logs by logrus, and prints Go's words for a connection that broke; in a container they follow what broke, and `: `. */
const OF_GO = /time="[^"\n]*" level=\w+ msg=|(?<!: )(?:unexpected EOF|read (?:unix|tcp) |write (?:unix|tcp) )/.source;
/** How podman begins: as the name of an error may end, so it has to begin a line. */
const OF_MANY = /(?<=\n)(?:Error: |Cannot connect to )/.source;
const CLIENTS = `(?:(?:${OF_ENGINES}|${OF_GO}|${OF_MANY})[^\\n]*\\n+)+$`;
const ENGINES = new RegExp(OF_ENGINES, "i");
/** What it says is short. */
const MAX_HELD_BYTES = 8 * 1024;
/** So much of what has been passed on says whether a line begins. */
const BEFORE_BYTES = 2;
const NOTHING = Buffer.alloc(0);

export function createLastWords(): LastWords {
  let held: Buffer = NOTHING;
  /** A line begins where nothing was before. */
  let before = Buffer.from("\n");
  const passOn = (passed: Buffer): Buffer => {
    before = lastOf(before, passed, BEFORE_BYTES);
    return passed;
  };
  return {
    push(chunk) {
      const all = Buffer.concat([held, chunk]);
      const words = findWords(before, all);
      held = all.subarray(words);
      return passOn(all.subarray(0, words));
    },
    held: () => held,
    isCommon: () => !ENGINES.test(held.toString("latin1")),
    release() {
      const released = held;
      held = NOTHING;
      return passOn(released);
    },
  };
}

/** @returns where what may be a client's begins */
function findWords(before: Buffer, text: Buffer): number {
  const whole = Buffer.concat([before, text]);
  const from = Math.max(0, whole.length - MAX_HELD_BYTES);
  const clients = new RegExp(CLIENTS, "gi");
  clients.lastIndex = Math.max(0, before.length - from);
  const words = clients.exec(whole.subarray(from).toString("latin1"));
  return words === null ? text.length : from + words.index - before.length;
}
