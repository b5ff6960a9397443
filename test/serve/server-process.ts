import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Cli, Ended, Running } from "../cli/harness.ts";
import type { Reply } from "./serving.ts";

/** `busbar serve` as a process, on a free port. */
export interface ServerProcess {
  readonly url: string;
  readonly running: Running;
  readonly stateDir: string;
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  headers(): Record<string, string>;
  /** @returns how it ended */
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

/** Starts a server on a state directory of the folder; resolves when it listens. */
export async function startServer(cli: Cli, ...args: readonly string[]): Promise<ServerProcess> {
  const stateDir = join(cli.folder, "state");
  const running = cli.start(["serve", "--port", "0", "--state-dir", stateDir, ...args]);
  let printed = "";
  running.child.stdout.on("data", (text: string) => {
    printed += text;
  });
  await running.shows("READY http");
  const url = /READY (\S+)/.exec(printed)?.[1] ?? "";
  const headers = (): Record<string, string> => {
    const token = ownToken(stateDir);
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  };
  return {
    ...{ url, running, stateDir, headers },
    async call(method, path, body) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { ...headers(), ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    kill(signal) {
      running.child.kill(signal);
      return running.ended;
    },
  };
}

/** What whoever may read the state directory may use. */
function ownToken(stateDir: string): string | undefined {
  try {
    return readFileSync(join(stateDir, "server-token"), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Waits until something holds; the test's own time limit bounds it. */
export async function eventually(test: TestContext, holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    test.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
