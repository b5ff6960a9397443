import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { type ApiClient, createApiClient } from "../../dashboard/api/client.ts";
import { readOwnToken } from "../../src/app/server/own-token.ts";

/** Tried first, so that an address that was kept goes on to lead here. */
const USUAL_PORT = 8080;

/** The `busbar serve` of the demo. */
export interface DemoServer {
  readonly url: string;
  readonly api: ApiClient;
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

export interface DemoServerOptions {
  /** dist/busbar.mjs */
  readonly bin: string;
  readonly stateDir: string;
  /** The folder that nodes name files in. */
  readonly dataRoot: string;
  readonly workflows: string;
  /** Left out: the usual one, or a free one where that is taken. */
  readonly port: number | undefined;
  readonly open: boolean;
}

/** @throws Error where it ends before it listens; its own words are on stderr */
export async function startDemoServer(options: DemoServerOptions): Promise<DemoServer> {
  const { bin, stateDir, dataRoot, workflows, port, open } = options;
  const args = [
    ...[bin, "serve", "--port", String(port ?? ((await isFree(USUAL_PORT)) ? USUAL_PORT : 0))],
    ...["--state-dir", stateDir, "--workflows", workflows, "--data-dir", `.=${dataRoot}`],
    ...["--grace", "0", ...(open ? ["--open"] : [])],
  ];
  // In a process group of its own, so that Ctrl-C reaches it once, from here; a second one would leave no time to end.
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    detached: process.platform !== "win32",
  });
  const ended = once(child, "exit").then(([code]) => (code as number | null) ?? 1);
  const url = await readUrl(child);
  if (url === undefined) throw new Error(`the server ended with exit code ${await ended}`);
  const token = readOwnToken(stateDir);
  return {
    url,
    ended,
    api: createApiClient(url, token === undefined ? {} : { authorization: `Bearer ${token}` }),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** @returns undefined where it ends without */
async function readUrl({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return undefined;
  for await (const line of createInterface({ input: stdout })) {
    const url = /^READY (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
