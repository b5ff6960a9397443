// Starts the command line as users do, against real services on loopback, in a folder of its own.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createJsonLog, type Execute, type RunningService, serve } from "../../src/service/index.ts";
import { until } from "../../src/testing/until.ts";

/** The source, or the built command where `scripts/test.ts --built` asks for it. */
export const bin = process.env.BUSBAR_TEST_BIN ?? fileURLToPath(new URL("../../src/cli/bin.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves once stdout or stderr has shown the text; rejects if it ends without. */
  shows(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface Cli {
  /** Program and first arguments of every command. */
  readonly command: readonly string[];
  /** The working directory. */
  readonly folder: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** The same as arguments of another program, which starts the command that they are: a shell, a terminal. */
  startUnder(program: readonly string[], args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** Starts a service that the test answers for; on its own port. */
  serve(name: string, execute: Execute): Promise<RunningService>;
  /** Writes a file into the folder; objects as JSON. */
  write(name: string, content: string | object): string;
  close(): Promise<void>;
}

/** @param program another one, as that of an older version */
export function createCli(program = bin): Cli {
  const command = [process.execPath, program];
  const folder = mkdtempSync(join(tmpdir(), "busbar-cli-"));
  const services: RunningService[] = [];
  const children = new Set<ChildProcessWithoutNullStreams>();

  const startUnder: Cli["startUnder"] = (program, args, env = {}) => {
    // Nothing of the surroundings (npm, CI, colours) may change what is shown.
    const {
      npm_lifecycle_event: _,
      npm_command: _c,
      CI: __,
      NO_COLOR: ___,
      FORCE_COLOR: ____,
      ...inherited
    } = process.env;
    const [file = "", ...words] = [...program, ...command, ...args];
    const child = spawn(file, words, { cwd: folder, env: { ...inherited, ...env } });
    children.add(child);
    let seen = "";
    const shown = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        shown[name] += text;
        seen += text;
        child.emit("shown");
      });
    }
    const ended = once(child, "close").then(([code]) => {
      children.delete(child);
      child.emit("shown");
      return { code: code as number | null, ...shown };
    });
    return {
      child,
      ended,
      async shows(text) {
        while (!seen.includes(text)) {
          if (!children.has(child)) throw new Error(`ended without showing ${JSON.stringify(text)}: ${seen}`);
          await once(child, "shown");
        }
      },
    };
  };

  const start: Cli["start"] = (args, env) => startUnder([], args, env);

  return {
    command,
    folder,
    start,
    startUnder,
    run: (args, env) => start(args, env).ended,
    async serve(name, execute) {
      const service = await serve({
        name,
        execute,
        port: 0,
        signals: [],
        log: createJsonLog(name, () => undefined),
        allowEmptyPaths: true,
      });
      services.push(service);
      return service;
    },
    write(name, content) {
      const path = join(folder, name);
      writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
      return path;
    },
    async close() {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(services.map((service) => service.close(0)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A workflow whose nodes run one after the other, each at its own address. */
export function chain(addresses: Readonly<Record<string, string>>, more: object = {}): object {
  const ids = Object.keys(addresses);
  return {
    workflow_name: "chain",
    start_node: ids[0],
    service_registry: addresses,
    containers: Object.fromEntries(
      ids.map((id, index) => [
        id,
        { input_file: `${id}.in`, output_file: `${id}.out`, next_node: ids[index + 1] ?? null, timeout_seconds: 120 },
      ]),
    ),
    ...more,
  };
}

/** Waits until no process owns runs of the folder's state directory, one in the background neither. */
export async function nobodyDrives({ folder }: Pick<Cli, "folder">): Promise<void> {
  await until(() => readdirSync(join(folder, ".busbar", "owners")).length === 0);
}

export function jsonLines(text: string): readonly { readonly type: string; readonly [key: string]: unknown }[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
