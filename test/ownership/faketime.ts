import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** A process's environment in which the wall clock is off by what stands in `file`, and may be changed while it runs. */
export type MovedClock = (file: string) => { readonly [name: string]: string };

/**
 * libfaketime, found by its own command: the environment that it would set. The monotonic clock is left alone, as it
 * is when somebody sets a machine's clock. The machine's own clock is never touched.
 */
export function findFaketime(): MovedClock | undefined {
  let preload: string | undefined;
  try {
    const environment = execFileSync("faketime", ["-f", "+0", "printenv"], { encoding: "utf8" });
    preload = /^LD_PRELOAD=(.+)$/m.exec(environment)?.[1];
  } catch {
    return undefined;
  }
  if (preload === undefined) return undefined;
  return (file) => ({
    LD_PRELOAD: preload,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  });
}

/** @param offset such as `+1d`, `-1d`, `+0` */
export function setClock(file: string, offset: string): void {
  writeFileSync(file, `${offset}\n`);
}
