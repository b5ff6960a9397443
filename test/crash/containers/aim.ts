import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Random } from "../../../src/kernel/random.ts";
import { between } from "../scenario.ts";
import type { Point } from "./points.ts";

/** At which of its calls the engine's client kills Busbar, and what becomes of the client. */
export interface Aim {
  /** Calls with one of these verbs, and with `word` among their arguments, count. */
  readonly verbs: readonly string[];
  readonly word?: string;
  /** At the n-th of them, from 1. */
  readonly nth: number;
  readonly when: "before" | "during" | "after";
  /** `before`: how long the client then waits until it goes on; `during`: how long after a container was seen at work. */
  readonly delayMs: number;
  /** As when a whole service is killed, and not Busbar's process alone. */
  readonly takesClient: boolean;
}

export interface Situation {
  readonly runId: string;
  readonly random: Random;
  readonly unsettled: number;
  /** Attempts that the last process left. */
  readonly outstanding: number;
}

/** A client is slow if its engine is far away, or the machine busy. */
const SLOW_CLIENT_MS = 1200;

export function aimAt(point: Exclude<Point, "instant">, { runId, random, unsettled, outstanding }: Situation): Aim {
  const some = between(random, 1, Math.max(1, Math.ceil(unsettled / 2)));
  const coin = random.next() < 0.5;
  const slowMs = random.next() < 0.5 ? 0 : between(random, 0, SLOW_CLIENT_MS);
  const common = { nth: some, when: "before", delayMs: slowMs, takesClient: random.next() < 0.5 } as const;
  const ofRun = { verbs: ["ps"], word: `label=busbar.run=${runId}` };
  switch (point) {
    case "making":
      return { ...common, verbs: ["create"] };
    case "made":
      return { ...common, verbs: ["create"], when: "after" };
    case "starting":
      return { ...common, verbs: ["start"] };
    case "running":
      return { ...common, verbs: ["start", "logs"], nth: 1, when: "during", delayMs: between(random, 0, 200) };
    case "ended":
      return { ...common, verbs: ["start", "logs"], when: "after" };
    case "told": {
      // The sweep looks at all containers at once, then each attempt that is outstanding at its own.
      const before = outstanding === 0 ? 0 : outstanding + 1;
      return { ...common, verbs: ["inspect"], nth: before + 1, when: "after" };
    }
    case "sweeping":
      return { ...common, ...ofRun, nth: 1, when: coin ? "before" : "after" };
    case "recovering":
      if (coin) return { ...common, ...ofRun, nth: between(random, 2, 1 + Math.max(1, outstanding)), when: "after" };
      return { ...common, verbs: ["inspect"], nth: between(random, 2, 1 + Math.max(1, outstanding)) };
    case "removing":
      // What the client does not remove either is left to the next process.
      if (coin) return { ...common, verbs: ["rm"], nth: random.next() < 0.5 ? unsettled : some, takesClient: true };
      return { ...common, verbs: ["rm"], when: random.next() < 0.5 ? "before" : "after" };
  }
}

/** Makes the folder that comes first in the PATH of Busbar. */
export function prepareClient(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(fileURLToPath(new URL("./client.sh", import.meta.url)), join(bin, "docker"));
  return bin;
}

/**
 * @param client the engine's own client program
 * @param folder empty, for the client to count in
 * @param log where containers say when they begin and end
 */
export function aimVariables(
  aim: Aim | undefined,
  { bin, client, folder, log, runId }: Readonly<Record<"bin" | "client" | "folder" | "log" | "runId", string>>,
): { readonly [name: string]: string } {
  return {
    PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
    AIM_CLIENT: client,
    AIM_RUN: runId,
    AIM_FOLDER: folder,
    AIM_LOG: log,
    AIM_VERBS: aim?.verbs.join(" ") ?? "",
    AIM_WORD: aim?.word ?? "",
    AIM_NTH: String(aim?.nth ?? 0),
    AIM_WHEN: aim?.when ?? "",
    AIM_DELAY: String((aim?.delayMs ?? 0) / 1000),
    AIM_TAKES_CLIENT: aim?.takesClient === true ? "yes" : "no",
  };
}
