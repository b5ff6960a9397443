import { setTimeout as sleep } from "node:timers/promises";
import type { Field } from "./field.ts";
import type { FaultKind, PlannedFault } from "./plan.ts";

/** A fault that was, by the wall clock: milliseconds since 1970. */
export interface PastFault extends PlannedFault {
  /** Of the worker that it could be. */
  readonly pid: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

type Break = (field: Field, nth: number) => Promise<unknown> | unknown;

const BREAKS: { readonly [kind in FaultKind]: readonly [breaks: Break, mends: Break] } = {
  workerKilled: [({ workers }, nth) => workers[nth]?.kill(), ({ workers }, nth) => workers[nth]?.start()],
  workerStopped: [({ workers }, nth) => workers[nth]?.stop(), ({ workers }, nth) => workers[nth]?.cont()],
  nodeKilled: [
    ({ servers }, nth) => servers.nodes[nth]?.kill(),
    async ({ servers }, nth) => {
      await servers.nodes[nth]?.start();
      await servers.ready();
    },
  ],
  nodeStopped: [
    ({ servers }, nth) => servers.nodes[nth]?.stop(),
    async ({ servers }, nth) => {
      servers.nodes[nth]?.cont();
      await servers.ready();
    },
  ],
  workerSilent: [({ boards }, nth) => boards.each[nth]?.drop(), ({ boards }, nth) => boards.each[nth]?.heal()],
  workersSilent: [({ boards }) => boards.all.drop(), ({ boards }) => boards.all.heal()],
  workersCut: [({ boards }) => boards.all.cut(), ({ boards }) => boards.all.heal()],
  ingressSilent: [({ boards }) => boards.ingress.drop(), ({ boards }) => boards.ingress.heal()],
  ingressCut: [({ boards }) => boards.ingress.cut(), ({ boards }) => boards.ingress.heal()],
};

/** Breaks something, waits, and mends it. */
export async function commit(field: Field, { kind, nth, ms }: PlannedFault): Promise<PastFault> {
  const [breaks, mends] = BREAKS[kind];
  const pid = field.workers[nth]?.pid ?? 0;
  const fromMs = Date.now();
  await breaks(field, nth);
  await sleep(ms);
  const untilMs = Date.now();
  await mends(field, nth);
  return { kind, nth, ms, pid, fromMs, untilMs };
}
