import { once } from "node:events";
import { join } from "node:path";
import { readOwnToken } from "../../src/app/server/own-token.ts";
import type { Cli, Ended, Running } from "../cli/harness.ts";
import type { Reply } from "./serving.ts";

/** `busbar serve` as a process, on the folder's state directory. */
export interface ServerProcess {
  readonly url: string;
  readonly running: Running;
  readonly stateDir: string;
  /** A request to its API, by whoever may read the state directory. */
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  headers(): Record<string, string>;
  /** As SIGTERM does, or as a crash; @returns how it ended */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface ServerProcessOptions {
  /** 0: a free one. */
  readonly port?: number;
  /** How long calls may take to end once it is stopped, in seconds. */
  readonly grace?: string;
  /** More for `busbar serve`. */
  readonly args?: readonly string[];
}

/** Resolves when it listens. */
export async function startServer(
  cli: Pick<Cli, "start" | "folder">,
  { port = 0, grace = "0", args = [] }: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const stateDir = join(cli.folder, ".busbar");
  const running = cli.start(["serve", "--port", String(port), "--grace", grace, ...args]);
  let stdout = "";
  running.child.stdout.on("data", (text: string) => {
    stdout += text;
  });
  await running.shows("READY ");
  while (!stdout.includes("\n")) await once(running.child.stdout, "data");
  const url = /^READY (\S+)\n/m.exec(stdout)?.[1] ?? "";
  const headers = (): Record<string, string> => {
    const token = readOwnToken(stateDir);
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
    stop(signal = "SIGTERM") {
      running.child.kill(signal);
      return running.ended;
    },
  };
}
