import { execFileSync } from "node:child_process";

/** One system call, as strace saw it. Places are line numbers of the trace: they order what happened. */
export interface SystemCall {
  readonly name: string;
  readonly fd: number;
  /** What the descriptor is: a path, or `TCP:[from->to]`. */
  readonly target: string;
  /** Bytes that were written; only as many as the call took. */
  readonly data: Buffer;
  /** Of pwrite64. */
  readonly offset: number;
  readonly result: number;
  readonly began: number;
  readonly ended: number;
}

/** Everything that makes bytes leave the process or reach the disk. */
const CALLS = "write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,fsync,fdatasync";

export function findStrace(): string | undefined {
  try {
    // Also where it is there, a container may forbid it to trace.
    execFileSync("strace", ["-f", "-e", "trace=write", "-o", "/dev/null", process.execPath, "--version"]);
    return "strace";
  } catch {
    return undefined;
  }
}

/** The command under which a process is traced into `file`. */
export function traceInto(strace: string, file: string): readonly string[] {
  // Strings whole and in hexadecimal, descriptors with what they are.
  return [strace, "-f", "-yy", "-xx", "-s", "1000000", "-e", `trace=${CALLS}`, "-o", file];
}

/** The calls of a trace in the order of their ends. Those that failed, or that never returned, are left out. */
export function parseTrace(trace: string): readonly SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { readonly began: number; readonly text: string }>();
  for (const [place, line] of trace.split("\n").entries()) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(\w+\(.*) <unfinished \.\.\.>$/.exec(text)?.[1];
    if (begun !== undefined) {
      unfinished.set(thread, { began: place, text: begun });
      continue;
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const first = rest === undefined ? undefined : unfinished.get(thread);
    const call = parseCall(first === undefined ? text : first.text + rest, first?.began ?? place, place);
    if (call !== undefined && call.result >= 0) calls.push(call);
  }
  return calls;
}

function parseCall(text: string, began: number, ended: number): SystemCall | undefined {
  const [, name, fd, target, args, result] = /^(\w+)\((\d+)<(.*?)>(?=, |\))(.*)\) += (-?\d+)/.exec(text) ?? [];
  if (name === undefined || fd === undefined || args === undefined) return undefined;
  const taken = Number(result);
  const data = Buffer.concat([...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => fromHex(hex ?? "")));
  return {
    name,
    fd: Number(fd),
    target: target?.includes("\\x") ? fromHex(target).toString() : (target ?? ""),
    data: name.endsWith("sync") ? data : data.subarray(0, taken),
    offset: name === "pwrite64" ? Number(/, (\d+)$/.exec(args)?.[1]) : 0,
    result: taken,
    began,
    ended,
  };
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
