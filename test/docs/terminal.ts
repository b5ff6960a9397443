import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 50;
const CTRL_C_MS = 30_000;

export interface Typed {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A shell that a reader types into: folder and exported variables stay from one command to the next. */
export interface Terminal {
  /** @throws Error where it has not ended in time; it has printed what the message says */
  type(command: string, timeoutMs: number): Promise<Typed>;
  /** Types what goes on running, and waits until enough is printed. @throws Error where it is not, in time */
  start(command: string, isEnough: (lines: readonly string[]) => boolean, timeoutMs: number): Promise<void>;
  /** To all that runs in it, as the terminal sends it; ends with it. */
  interrupt(): Promise<void>;
  /** Whatever still runs in it is killed. */
  close(): void;
}

export function openTerminal(cwd: string, env: NodeJS.ProcessEnv): Terminal {
  const shell: ChildProcessByStdio<Writable, Readable, null> = spawn("sh", [], {
    cwd,
    env,
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  let printed = "";
  let exited = false;
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  shell.once("exit", () => {
    exited = true;
  });
  shell.stdin.write("exec 2>&1\n");

  async function waitFor<T>(what: string, look: () => T | undefined, timeoutMs: number): Promise<T> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (exited) throw new Error(`the shell ended at ${what}:\n${printed}`);
      if (performance.now() > until) throw new Error(`${what} has not come to its end:\n${printed}`);
      await sleep(LOOK_MS);
    }
  }

  function killAll(signal: NodeJS.Signals): void {
    try {
      process.kill(-(shell.pid ?? 0), signal);
    } catch {
      // nothing is left of it
    }
  }

  return {
    async type(command, timeoutMs) {
      printed = "";
      const mark = `--- ${Math.random()} `;
      // Nobody answers what it may ask.
      shell.stdin.write(`{\n${command}\n} </dev/null\nprintf '\\n%s%s\\n' '${mark}' "$?"\n`);
      return waitFor(
        command,
        () => {
          const [before = "", after] = printed.split(`\n${mark}`);
          if (after?.endsWith("\n") !== true) return undefined;
          return { code: Number(after), lines: before === "" ? [] : before.replace(/\n$/, "").split("\n") };
        },
        timeoutMs,
      );
    },
    async start(command, isEnough, timeoutMs) {
      printed = "";
      // In the shell's place, which would not be told of a Ctrl-C while it waits.
      shell.stdin.write(`exec ${command} </dev/null\n`);
      await waitFor(command, () => (isEnough(printed.split("\n").slice(0, -1)) ? true : undefined), timeoutMs);
    },
    async interrupt() {
      if (exited) return;
      const ended = once(shell, "exit", { signal: AbortSignal.timeout(CTRL_C_MS) });
      killAll("SIGINT");
      await ended;
    },
    close: () => killAll("SIGKILL"),
  };
}
