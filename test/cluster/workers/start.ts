import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPorts } from "../../../src/testing/restate/ports.ts";
import { readNotes, type WorkerNote, type WorkerSetup } from "./notes.ts";

/** A worker in a process of its own, which can be killed and started again where it was. */
export interface WorkerProcess {
  /** 127.0.0.1:PORT, also of the next process. */
  readonly address: string;
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has let end what it had begun. */
  end(): Promise<void>;
  /** SIGSTOP: it is there and does nothing. */
  stop(): void;
  /** SIGCONT. */
  cont(): void;
  /** Lets go the attempts that it holds (script.ts), and those that it will begin. */
  letGo(): void;
  /** Again, after a kill. */
  start(): Promise<void>;
  /** Of all its processes. */
  notes(): readonly WorkerNote[];
  /** What all its processes have complained of. */
  complaints(): string;
}

const PROGRAM = fileURLToPath(new URL("process.ts", import.meta.url));

/** @param folder where it notes what it does @param name unlike those of others there */
export async function startWorkerProcess(
  folder: string,
  name: string,
  settings: Pick<WorkerSetup, "version" | "connectionMs">,
): Promise<WorkerProcess> {
  const notesFile = join(folder, `${name}.jsonl`);
  writeFileSync(notesFile, "");
  let complaints = "";
  const [port = 0] = await findPorts(1);
  const setup: WorkerSetup = { port, notesFile, ...settings };

  async function run(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(setup)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    const lines = createInterface(child.stdout);
    const ended = once(child, "exit").then(() => {
      throw new Error(`${name} ended before it was ready: ${complaints}`);
    });
    ended.catch(() => undefined);
    await Promise.race([once(lines, "line"), ended]);
    return child;
  }

  let child = await run();
  return {
    address: `127.0.0.1:${port}`,
    get pid() {
      return child.pid ?? 0;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async end() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
    stop: () => void child.kill("SIGSTOP"),
    cont: () => void child.kill("SIGCONT"),
    letGo: () => void child.stdin?.write("go\n"),
    async start() {
      child = await run();
    },
    notes: () => readNotes(notesFile),
    complaints: () => complaints,
  };
}
