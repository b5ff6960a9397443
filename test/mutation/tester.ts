// StrykerJS as a server (`stryker serve stdio`): finds mutants, then tries those of given ranges. JSON-RPC with
// Content-Length headers, as the mutation server protocol says. It is installed beside this file, not with the project.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Found, Mutant } from "./mutants.ts";

const program = fileURLToPath(new URL("node_modules/@stryker-mutator/core/bin/stryker.js", import.meta.url));
const config = "test/mutation/stryker.config.json";

export interface Tester {
  /** All mutants, by file. */
  discover(): Promise<[file: string, Found[]][]>;
  /** Tries every mutant that lies within a range. */
  tryAll(ranges: readonly Mutant[], onResult: (file: string, result: Result) => void): Promise<void>;
  /** Ends it and all it has started. */
  close(): Promise<void>;
}

export interface Result extends Found {
  /** `Killed`, `Survived`, `Timeout`, or that it could not be tried. */
  readonly status: string;
}

interface Files<T extends Found> {
  readonly files: { readonly [file: string]: { readonly mutants: T[] } };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Files<Result>;
  readonly result?: Files<Found>;
  readonly error?: { readonly message: string; readonly data?: unknown };
}

/** @param root where the project lies; the tester copies it to a folder in its `.cache` */
export function startTester(root: string): Tester {
  // A group of its own, so that its end is also the end of the tests it runs.
  const copies = `.cache/stryker-${process.pid}`;
  const child = spawn(process.execPath, [program, "serve", "stdio", "--", "--tempDirName", copies], {
    cwd: root,
    detached: true,
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}` },
  });
  const exited = once(child, "exit");
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  let onResult: (file: string, result: Result) => void = () => undefined;
  const calls = new Map<number, PromiseWithResolvers<Files<Found> | undefined>>();
  void exited.then(([code, signal]) => {
    for (const call of calls.values()) call.reject(new Error(`the mutation tester ended: ${code ?? signal}\n${said}`));
  });
  readMessages(child, (message) => {
    for (const [file, { mutants }] of Object.entries(message.params?.files ?? {}))
      for (const result of mutants) onResult(file, result);
    const call = message.id === undefined ? undefined : calls.get(message.id);
    if (call === undefined) return;
    if (message.error === undefined) call.resolve(message.result);
    else call.reject(new Error(`the mutation tester: ${message.error.message}\n${said}`));
  });
  const ask = (method: string, params: object): Promise<Files<Found> | undefined> => {
    const id = calls.size + 1;
    const call = Promise.withResolvers<Files<Found> | undefined>();
    calls.set(id, call);
    const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return call.promise;
  };
  const configured = ask("configure", { configFilePath: config });
  return {
    async discover() {
      await configured;
      const found = await ask("discover", {});
      return Object.entries(found?.files ?? {}).map(([file, { mutants }]) => [file, mutants]);
    },
    async tryAll(ranges, report) {
      await configured;
      onResult = report;
      await ask("mutationTest", { files: ranges.map(({ file, range }) => ({ path: file, range })) });
    },
    async close() {
      endGroup(child);
      await exited;
      rmSync(join(root, copies), { recursive: true, force: true });
    },
  };
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  process.kill(-pid, "SIGTERM");
}

function readMessages({ stdout }: ChildProcess, onMessage: (message: Message) => void): void {
  let pending = Buffer.alloc(0);
  stdout?.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const start = pending.indexOf("\r\n\r\n") + 4;
      const length = /Content-Length: *(\d+)/i.exec(pending.toString("latin1", 0, Math.max(start, 4)))?.[1];
      if (start < 4 || length === undefined || pending.length < start + Number(length)) return;
      onMessage(JSON.parse(pending.toString("utf8", start, start + Number(length))) as Message);
      pending = pending.subarray(start + Number(length));
    }
  });
}
