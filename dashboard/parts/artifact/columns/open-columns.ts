import { startWorker } from "../../worker/worker.ts";
import type { ArtifactFacts } from "../artifact-source.ts";
import type { FromWorker, OpenedFacts, Questions, TableFormat, ToWorker } from "./protocol.ts";

/** A file whose columns are at hand, in a program beside the page. */
export interface Columns {
  readonly facts: OpenedFacts;
  ask<T extends keyof Questions>(type: T, ask: Questions[T]["ask"]): Promise<Questions[T]["answer"]>;
}

/**
 * Reads a file whole, or as much of it as fits.
 * @param told is given how many bytes have come
 * @param signal ends it, and the program that holds it
 * @returns undefined where the file is of another kind
 * @throws ApiError; Error where its rows cannot be read
 */
export function openColumns(
  { url, size }: ArtifactFacts,
  format: TableFormat,
  told: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Columns | undefined> {
  const worker = startWorker("table-worker");
  const waiting = new Map<number, (answer: never) => void>();
  let asked = 0;
  const say = (message: ToWorker): void => worker.postMessage(message);
  signal.addEventListener("abort", () => worker.terminate());

  const ask: Columns["ask"] = (type, ask) =>
    new Promise((resolve) => {
      asked += 1;
      waiting.set(asked, resolve);
      say({ type, id: asked, ask } as ToWorker);
    });

  return new Promise((resolve, reject) => {
    worker.addEventListener("error", () => reject(new Error("the program that reads the file did not start")));
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      switch (data.type) {
        case "progress":
          return told(data.bytes);
        case "opened":
          return resolve({ facts: data.facts, ask });
        case "other":
          worker.terminate();
          return resolve(undefined);
        case "failed":
          worker.terminate();
          return reject(
            Object.assign(new Error(data.message), data.problem === undefined ? {} : { problem: data.problem }),
          );
        case "answer":
          waiting.get(data.id)?.(data.answer as never);
          waiting.delete(data.id);
      }
    });
    say({ type: "open", url, size, format });
  });
}
