// One service as a program of its own, for its container: serves until it is stopped, or does its work once.
import "./stop.ts"; // the first: see there

import { accessSync, constants, existsSync } from "node:fs";
import { constants as system } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createDataRoot, createJsonLog } from "../../../src/service/index.ts";
import { type ListenOn, readListenOn } from "./listen-on.ts";
import { runOnce } from "./once.ts";
import { KINDS, type ServiceKind, startService } from "./start.ts";
import { stopped } from "./stop.ts";

void main(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code;
});

/** @returns the exit code: 0, 1 where the start or the work failed, 2 wrong usage, 128 + n where signal n ended the work */
async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const kind = KINDS.find(({ name }) => name === env.SERVICE);
  if (kind === undefined) {
    return refuse(
      `SERVICE is not one of ${KINDS.map(({ name }) => name).join(", ")}: ${env.SERVICE ?? "it is not set"}`,
    );
  }
  const usage = describeUsage(kind);
  const wanted = readArguments(args);
  if (typeof wanted === "string") return refuse(`${wanted}\n${usage}`);
  if (wanted.help) {
    process.stdout.write(usage);
    return 0;
  }
  const dataRoot = resolve(env.DATA_ROOT || "data");
  warnOfReadOnly(kind, dataRoot);
  try {
    if (wanted.mode === "serve") return await serveUntilStopped(kind, dataRoot, env);
    const input = wanted.input ?? (env.INPUT_FILE || undefined);
    const output = wanted.output ?? (env.OUTPUT_FILE || undefined);
    process.stdout.write(`${await runOnce(kind, { dataRoot, input, output, signal: stopped })}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return stopped.aborted ? 128 + system.signals[stopped.reason as NodeJS.Signals] : 1;
  }
}

async function serveUntilStopped(kind: ServiceKind, dataRoot: string, env: NodeJS.ProcessEnv): Promise<number> {
  let listenOn: ListenOn;
  try {
    listenOn = readListenOn(env);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const service = await startService(kind, await createDataRoot(dataRoot), listenOn);
  process.stdout.write(`READY ${service.name} ${service.address}\n`);
  // The service listens for signals of its own from now on.
  if (stopped.aborted) await service.close(0);
  await service.closed;
  return 0;
}

interface Wanted {
  readonly mode: "serve" | "once";
  readonly help: boolean;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
}

/** What to do, or what is wrong with the arguments. */
function readArguments(args: readonly string[]): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        input: { type: "string" },
        output: { type: "string" },
      },
      allowPositionals: true,
    });
    const [mode = "serve", ...more] = positionals;
    if ((mode !== "serve" && mode !== "once") || more.length > 0) return `not known here: ${positionals.join(" ")}`;
    if (mode === "serve" && (values.input ?? values.output) !== undefined) return "--input and --output belong to once";
    return { mode, ...values };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A folder of the host that is mounted belongs to whoever made it there. */
function warnOfReadOnly(kind: ServiceKind, dataRoot: string): void {
  if (!existsSync(dataRoot)) return;
  try {
    accessSync(dataRoot, constants.W_OK);
  } catch {
    const who = process.getuid?.() ?? "of this process";
    createJsonLog(kind.name).warn(
      `user ${who} may not write to ${dataRoot}: give it the folder on the host (chown ${who}), or start the container with --user`,
    );
  }
}

function describeUsage(kind: ServiceKind): string {
  return `Usage: serve                                  answers calls until it is stopped
       once [--input FILE] [--output FILE]    does the work of ${kind.name} once, and ends

once reads ${kind.files.input} and writes ${kind.files.output} of DATA_ROOT where nothing else is said
(INPUT_FILE and OUTPUT_FILE say it as well). serve listens on PORT and HOST.
`;
}

function refuse(reason: string): number {
  process.stderr.write(`${reason.trimEnd()}\n`);
  return 2;
}
