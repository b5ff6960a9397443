import { readdirSync, readFileSync } from "node:fs";

/** A running process whose command line holds all the words. Linux only. */
export function findProcess(...words: readonly string[]): number | undefined {
  return commandLines().find(({ line }) => words.every((word) => line.includes(word)))?.pid;
}

/** What anybody on the machine can see of its processes. Linux only. */
function commandLines(): readonly { readonly pid: number; readonly line: readonly string[] }[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return [{ pid: Number(entry), line: readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0") }];
    } catch {
      return [];
    }
  });
}
