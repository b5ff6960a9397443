import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createSeededRandom } from "../../src/kernel/random.ts";

export interface RestartingServer {
  readonly address: string;
  /** How often each attempt, as `<idempotency key> <attempt>`, has reached the server, over all its lives. */
  readonly seen: ReadonlyMap<string, number>;
  readonly counts: { readonly restarts: number; readonly kills: number };
  close(): Promise<void>;
}

/** A life of the process, from the moment when it serves. */
const KILL_MS = { least: 200, most: 700 };

/**
 * Serves at one port by one process after the other: each restarts its server every 50 ms, and is killed with SIGKILL
 * at a moment drawn from the seed. The next one waits for that, loaded and ready.
 */
export async function startRestarting(seed: number): Promise<RestartingServer> {
  const random = createSeededRandom(seed);
  const seen = new Map<string, number>();
  const counts = { restarts: 0, kills: 0 };
  const first = Promise.withResolvers<void>();
  let port = 0;
  let isClosed = false;

  const hear = (line: string): void => {
    const [word, ...rest] = line.split(" ");
    if (word === "CALL") {
      const call = rest.join(" ");
      seen.set(call, (seen.get(call) ?? 0) + 1);
    } else if (word === "PORT") {
      counts.restarts += 1;
      port = Number(rest[0]);
      first.resolve();
    }
  };
  const prepare = (): Life => startLife(port, Math.floor(random.next() * 2 ** 31), hear);

  const live = async (): Promise<void> => {
    let life = prepare();
    while (!isClosed) {
      await life.ready;
      life.go();
      await first.promise;
      const next = prepare();
      const lifeMs = KILL_MS.least + random.next() * (KILL_MS.most - KILL_MS.least);
      await Promise.all([next.ready, new Promise((resolve) => setTimeout(resolve, lifeMs))]);
      await life.kill();
      counts.kills += 1;
      life = next;
    }
    await life.kill();
  };
  const living = live();
  await first.promise;
  return {
    address: `127.0.0.1:${port}`,
    seen,
    counts,
    async close() {
      isClosed = true;
      await living;
    },
  };
}

interface Life {
  readonly ready: Promise<void>;
  go(): void;
  /** Resolves when all that it has said is here. */
  kill(): Promise<void>;
}

function startLife(port: number, seed: number, hear: (line: string) => void): Life {
  const server = fileURLToPath(new URL("server.ts", import.meta.url));
  const args = ["--disable-warning=ExperimentalWarning", server, String(port), String(seed)];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ready = Promise.withResolvers<void>();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => (line === "READY" ? ready.resolve() : hear(line)));
  const heard = once(lines, "close");
  child.stdin.on("error", () => undefined);
  return {
    ready: ready.promise,
    go: () => void child.stdin.write("go\n"),
    async kill() {
      child.kill("SIGKILL");
      await heard;
    },
  };
}
