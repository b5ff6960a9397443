import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../src/cli/bin.ts", import.meta.url));
const PRUNE_ENTRY = fileURLToPath(new URL("./prune-entry.ts", import.meta.url));
const ENTRY = fileURLToPath(new URL("./entry.ts", import.meta.url));

/** What a process of Busbar did, once it has ended. */
export interface Ended {
  readonly code: number | null;
  /** SIGKILL if somebody, or the process itself, killed it. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of Busbar, from its start to its end. */
export interface Life {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when stdout matches; rejects if the process ends first. */
  saw(pattern: RegExp): Promise<void>;
  /** Sends a line to its standard input. */
  tell(line: string): void;
}

export interface LifeOptions {
  /** The number of this process within its run; the service hears it in every call. */
  readonly life?: number;
  /** A program that starts ours, with its arguments: strace. */
  readonly under?: readonly string[];
  readonly env?: { readonly [name: string]: string };
}

/** Starts the shipped command from its source: `busbar ARGS…`. */
export function startCommand(args: readonly string[], options: LifeOptions = {}): Life {
  return start([BIN, ...args], options);
}

/** Starts the test entry of a prune. */
export function startPrune(input: object): Life {
  return start([PRUNE_ENTRY, JSON.stringify(input)], {});
}

/** Starts the test entry. */
export function startEntry(input: object, options: LifeOptions = {}): Life {
  return start([ENTRY, JSON.stringify(input)], options);
}

function start(args: readonly string[], { life = 1, under = [], env = {} }: LifeOptions): Life {
  const [program = process.execPath, ...rest] = [...under, process.execPath, ...args];
  const child = spawn(program, rest, {
    cwd: tmpdir(),
    env: { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: undefined, LIFE: String(life), NO_COLOR: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return watch(child);
}

function watch(child: ChildProcess): Life {
  const text = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  // A process that was killed cannot read what it is told.
  child.stdin?.on("error", () => undefined);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...text }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    signal: (signal) => void child.kill(signal),
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(text.stdout)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        ended.then((end) => reject(new Error(`it ended without ${pattern}: ${JSON.stringify(end)}`)), reject);
      }),
    tell: (line) => void child.stdin?.write(`${line}\n`),
  };
}
