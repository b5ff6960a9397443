import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** A server that says what it has to say at the end of a file, and does not outlive this process. */
export async function startServer(binary: string, args: readonly string[], logFile: string): Promise<ChildProcess> {
  // Variables of the shell would win over the configuration.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("RESTATE_") && name !== "RUST_LOG"),
  );
  // It makes folders of its own there, and leaves them when it is killed.
  env.TMPDIR = dirname(logFile);
  const log = openSync(logFile, "a");
  const child = spawn(binary, args, { env, stdio: ["ignore", log, log] });
  closeSync(log);
  await once(child, "spawn");
  guard(child);
  return child;
}

/**
 * Kills the server when this process ends, however that comes about: a test that takes too long is killed, and says
 * nothing any more. The pipe that the guard reads from ends with us.
 */
function guard(server: ChildProcess): void {
  const script = 'read -r _; kill -9 "$0"';
  const stdio = ["pipe", "ignore", "ignore"] as const;
  // In a group of its own: Ctrl-C ends the servers and not their guards, and does not end a server that is stopped.
  const child = spawn("sh", ["-c", script, String(server.pid)], { stdio: [...stdio], detached: true });
  child.unref();
  server.once("exit", () => child.kill("SIGKILL"));
}

/** SIGKILL, also for one that is stopped; resolves when it is gone. */
export async function killServer(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
