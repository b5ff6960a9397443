import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensureBuilt } from "../../scripts/built.ts";

const REPORT_PEAK = pathToFileURL(fileURLToPath(new URL("../peers/report-peak.ts", import.meta.url))).href;

/** The bundle that is shipped, built anew if the source is newer; once in this process. */
let built: string | undefined;
function busbar(): string {
  built ??= ensureBuilt();
  return built;
}

/**
 * A whole process, from its start to its end.
 * @returns milliseconds
 */
export function timeProcess(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const began = performance.now();
  const { status, signal, error, stderr } = spawnSync(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  const tookMs = performance.now() - began;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status ?? signal}: ${stderr}`);
  return tookMs;
}

/** The shipped command, by the Node that runs this bench. */
export function timeBusbar(args: readonly string[]): number {
  return timeProcess(process.execPath, [busbar(), ...args]);
}

/** @returns the most memory the command ever held, in MB */
export function peakOfBusbar(args: readonly string[], folder: string): number {
  const peakFile = join(folder, "peak");
  timeProcess(process.execPath, ["--import", REPORT_PEAK, busbar(), ...args], { BENCH_PEAK_FILE: peakFile });
  return Number(readFileSync(peakFile, "utf8"));
}
