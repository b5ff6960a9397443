import type { ReadText, Span, Target, YamlReader } from "../../workflow/text/read-text.ts";

/** What the thread is given as its workerData. */
export type YamlTask =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "locate"; readonly text: string; readonly targets: readonly Target[] };

export interface YamlLimits {
  readonly timeoutMs: number;
  /** Of the thread's heap. */
  readonly heapMb: number;
}

/** semantics.md, "Workflow file": hostile YAML of 10 MB took up to 18 s and 4 GB without them. */
const LIMITS: YamlLimits = { timeoutMs: 5000, heapMb: 768 };

/**
 * Reads YAML in a thread that is ended when it takes too much time or memory; that is one diagnostic then.
 * Positions that take too much are all the beginning of the file.
 */
export function createYamlApart(limits: YamlLimits = LIMITS): YamlReader {
  return {
    async read(text) {
      const read = runApart<ReadText>({ kind: "read", text }, limits);
      const answer = await read.catch(unlessNoThread((inPlace) => inPlace.read(text)));
      return answer ?? tooCostly(limits);
    },
    async locate(text, targets) {
      const located = runApart<readonly Span[]>({ kind: "locate", text, targets }, limits);
      const answer = await located.catch(unlessNoThread((inPlace) => inPlace.locate(text, targets)));
      return answer ?? targets.map(() => ({ start: 0, end: 1 }));
    },
  };
}

/** A thread asks for the working directory when it starts. Where that is gone, the text is read without one. */
function unlessNoThread<T>(read: (inPlace: YamlReader) => Promise<T>): (thrown: NodeJS.ErrnoException) => Promise<T> {
  return async (thrown) => {
    if (thrown.syscall !== "uv_cwd") throw thrown;
    const { yamlInPlace } = await import("../../workflow/text/yaml.ts");
    return read(yamlInPlace);
  };
}

function tooCostly({ timeoutMs, heapMb }: YamlLimits): ReadText {
  const message = `reading this YAML takes more than ${timeoutMs / 1000} s or ${heapMb} MiB; JSON has no such limit`;
  return { diagnostics: [{ code: "WORKFLOW_TOO_COSTLY", message, path: [], at: "value", offset: 0 }], count: 1 };
}

/** @returns undefined where a limit was exceeded */
async function runApart<T>(task: YamlTask, limits: YamlLimits): Promise<T | undefined> {
  // Every command reads a workflow file, hardly any a large one: threads take 2 ms to load.
  const [{ Worker }, { YAML_THREAD }] = await Promise.all([import("node:worker_threads"), import("./yaml-thread.ts")]);
  const worker = new Worker(YAML_THREAD, {
    eval: typeof YAML_THREAD === "string",
    workerData: task,
    execArgv: [], // options of the program, such as --input-type, are about its own files
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
  });
  return new Promise<T | undefined>((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), limits.timeoutMs);
    worker.once("message", resolve);
    worker.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") resolve(undefined);
      else reject(error);
    });
    // An end without an answer: the thread died in a way that raises no error.
    worker.once("exit", () => resolve(undefined));
    worker.once("exit", () => clearTimeout(timer));
  }).finally(() => worker.terminate());
}
