import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process of our own that says one line of JSON when it is ready. */
export interface Child<T> {
  readonly said: T;
  stop(): Promise<void>;
}

/** @param args of this Node */
export async function startChild<T>(args: readonly string[]): Promise<Child<T>> {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const gone = whenGone(child);
  const said = await Promise.race([
    firstLine<T>(child),
    gone.then((code) => {
      throw new Error(`${args.join(" ")} ended with ${code} before it was ready`);
    }),
  ]);
  return {
    said,
    async stop() {
      // It ends when its standard input does, so that it cannot outlive us either.
      child.stdin?.end();
      await gone;
    },
  };
}

async function firstLine<T>(child: ChildProcess): Promise<T> {
  if (child.stdout === null) throw new Error("no standard output");
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  return new Promise(() => undefined);
}

function whenGone(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
}

/** Runs a script of ours to its end; its last line is JSON. */
export async function runChild<T>(args: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await whenGone(child);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString().trim().split("\n").at(-1) ?? "");
}
