import { once } from "node:events";
import type { Cli, Ended, Running } from "./harness.ts";

/** A `busbar serve` of its own process, on the folder's state directory. */
export interface ServerProcess {
  readonly url: string;
  readonly running: Running;
  /** As SIGTERM does, or as a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** @param port 0: a free one */
export async function startServer(
  cli: Pick<Cli, "start">,
  { port = 0, args = [] }: { readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<ServerProcess> {
  const running = cli.start(["serve", "--port", String(port), "--grace", "0", ...args]);
  let stdout = "";
  running.child.stdout.on("data", (text: string) => {
    stdout += text;
  });
  await running.shows("READY ");
  while (!stdout.includes("\n")) await once(running.child.stdout, "data");
  const url = /^READY (\S+)\n/m.exec(stdout)?.[1] ?? "";
  return {
    url,
    running,
    async stop(signal = "SIGTERM") {
      running.child.kill(signal);
      await running.ended;
    },
  };
}

/** What a command has said, without what differs from one time to the next. */
export function withoutTimes({ code, stdout, stderr }: Ended): Ended {
  const strip = (text: string): string =>
    text
      .replace(/\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3})?Z/g, "DATE")
      .replace(/\b[\d.]+ m?s\b/g, "LONG")
      .replace(/"(duration_ms|backoff_ms)":[\d.]+/g, '"$1":0')
      .replace(/ +/g, " ");
  return { code, stdout: strip(stdout), stderr: strip(stderr) };
}
