// A real terminal for tests: tmux, which says what stands on it, what is in its history, and whether it has a cursor.
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { type Peer, requirePeer } from "../../src/testing/require.ts";

const run = promisify(execFile);

export function findTmux(): Peer<"tmux"> {
  return requirePeer("tmux", () => (spawnSync("tmux", ["-V"]).status === 0 ? "tmux" : undefined));
}

export interface Terminal {
  /** Text, or keys by tmux's names: `C-z`, `Enter`. */
  type(...keys: readonly string[]): Promise<void>;
  /** Resolves with what stands on the screen once that matches. */
  shows(pattern: RegExp): Promise<string>;
  cursorShown(): Promise<boolean>;
  /** Lines that were scrolled or cleared away. */
  historySize(): Promise<number>;
  resize(columns: number, rows: number): Promise<void>;
  close(): Promise<void>;
}

/** How often the screen is looked at, and how often in vain. */
const POLL_MS = 50;
const MAX_POLLS = 400;

/**
 * A shell in a folder, on a terminal of its own.
 * @param env what the shell and its commands have beside the surroundings
 */
export async function openTerminal(options: {
  readonly folder: string;
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Terminal> {
  const { folder, columns, rows, env = {} } = options;
  const socket = join(folder, "tmux.sock");
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run("tmux", ["-u", "-S", socket, "-f", "/dev/null", ...args], { env: { ...process.env, TMUX: "" } })).stdout;
  const given = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const size = ["-x", String(columns), "-y", String(rows)];
  await tmux("new-session", "-d", "-s", "test", ...size, "-c", folder, ...given, "env -u CI -u npm_command sh -i");
  const terminal: Terminal = {
    async type(...keys) {
      await tmux("send-keys", "-t", "test", ...keys);
    },
    async shows(pattern) {
      let screen = "";
      for (let poll = 0; poll < MAX_POLLS; poll += 1) {
        screen = await tmux("capture-pane", "-p", "-t", "test");
        if (pattern.test(screen)) return screen;
        await setTimeout(POLL_MS);
      }
      throw new Error(`the terminal does not show ${pattern}:\n${screen}`);
    },
    cursorShown: async () => (await tmux("display-message", "-p", "-t", "test", "#{cursor_flag}")).trim() === "1",
    historySize: async () => Number(await tmux("display-message", "-p", "-t", "test", "#{history_size}")),
    async resize(toColumns, toRows) {
      await tmux("resize-window", "-t", "test", "-x", String(toColumns), "-y", String(toRows));
    },
    async close() {
      await tmux("kill-server");
    },
  };
  try {
    // What is typed before the shell asks for it may be thrown away.
    await terminal.shows(/[#$%]\s*$/m);
    // Not as it is typed, which is shown too.
    await terminal.type("PS1='rea''dy> '", "Enter");
    await terminal.shows(/^ready>/m);
  } catch (error) {
    await terminal.close();
    throw error;
  }
  return terminal;
}
