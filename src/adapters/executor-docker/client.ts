// The engine's client program (docker, podman) as a child process: without a shell, in a process group of its own.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { createNoticeFilter } from "./emulation-notice.ts";

export type Variables = { readonly [name: string]: string | undefined };

export interface ClientCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** All the client's variables, PATH among them. */
  readonly env: Variables;
  readonly onStdout?: (chunk: Buffer) => void;
  /** Without what podman says each time that it is called docker. */
  readonly onStderr?: (chunk: Buffer) => void;
}

export type ClientEnd =
  | { readonly ended: "exited"; readonly code: number }
  | { readonly ended: "killed"; readonly signal: string }
  | { readonly ended: "never started"; readonly reason: string };

export interface Client {
  /** Never rejects. All that the client wrote has been handed out by then. */
  readonly ended: Promise<ClientEnd>;
  /** At once, with all that it started; nothing of it reaches a container. */
  kill(): void;
}

const IS_WINDOWS = process.platform === "win32";
/**
 * An ssh that a client leaves behind to be used again (DOCKER_HOST=ssh://…, ControlPersist) keeps its
 * outputs open. What is silent that long after the client's own end is not waited for.
 */
const SILENT_AFTER_EXIT_MS = 1000;

export function startClient(clock: Clock, command: ClientCommand): Client {
  let child: ChildProcessByStdio<null, Readable, Readable>;
  try {
    child = spawn(command.program, [...command.args], {
      env: { ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
      // A Ctrl-C at the terminal is Busbar's to answer; it must not reach the clients.
      detached: !IS_WINDOWS,
      windowsHide: true,
    });
  } catch (thrown) {
    // The message repeats arguments and variables, so only its code is shown.
    return { ended: Promise.resolve({ ended: "never started", reason: codeOf(thrown) }), kill: () => undefined };
  }
  let failure: unknown;
  child.on("error", (error) => {
    failure ??= error;
  });
  if (command.onStdout !== undefined) child.stdout.on("data", command.onStdout);
  else child.stdout.resume();
  const notice = createNoticeFilter();
  const passStderr = (chunk: Buffer): void => {
    if (chunk.length > 0) command.onStderr?.(chunk);
  };
  child.stderr.on("data", (chunk: Buffer) => passStderr(notice.push(chunk)));
  const ended = new Promise<ClientEnd>((resolve) => {
    const stopWaiting = closeWhenSilent(clock, child);
    child.on("close", (code, signal) => {
      stopWaiting();
      passStderr(notice.end());
      if (child.pid === undefined) resolve({ ended: "never started", reason: codeOf(failure) });
      else if (signal !== null) resolve({ ended: "killed", signal });
      else resolve({ ended: "exited", code: code ?? 0 });
    });
  });
  return { ended, kill: () => kill(child) };
}

function closeWhenSilent(clock: Clock, child: ChildProcessByStdio<null, Readable, Readable>): CancelTimer {
  let cancel: CancelTimer = () => undefined;
  const arm = (): void => {
    cancel();
    cancel = clock.after(SILENT_AFTER_EXIT_MS, () => {
      child.stdout.destroy();
      child.stderr.destroy();
    });
  };
  child.on("exit", () => {
    arm();
    child.stdout.on("data", arm);
    child.stderr.on("data", arm);
  });
  return () => cancel();
}

function kill(child: ChildProcessByStdio<null, Readable, Readable>): void {
  const { pid } = child;
  // Once it has been waited for, its number may be another process's.
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (IS_WINDOWS) child.kill("SIGKILL");
    else process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "unknown error";
}
