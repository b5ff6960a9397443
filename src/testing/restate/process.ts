import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

/** Restate's servers of this process that run. */
const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A server that says what it has to say at the end of a file; it does not outlive this process where that can be helped. */
export async function startServer(binary: string, args: readonly string[], logFile: string): Promise<ChildProcess> {
  // Variables of the shell would win over the configuration.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("RESTATE_") && name !== "RUST_LOG"),
  );
  const log = openSync(logFile, "a");
  const child = spawn(binary, args, { env, stdio: ["ignore", log, log] });
  closeSync(log);
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
  await once(child, "spawn");
  return child;
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
