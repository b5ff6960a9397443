import { setTimeout as sleep } from "node:timers/promises";

/** How long it may take: what is waited for comes within milliseconds, on a busy machine within seconds. */
const LONGEST_MS = 120_000;
const LOOK_AGAIN_MS = 2;

/** Waits until something holds; where it never does, the error says what. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const last = performance.now() + LONGEST_MS;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error(`waited ${LONGEST_MS} ms until ${holds}`);
    await sleep(LOOK_AGAIN_MS);
  }
}
