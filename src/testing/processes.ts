import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A running process whose command line holds all the words. Linux only. */
export function findProcess(...words: readonly string[]): number | undefined {
  return processesWhere("cmdline", (line) => words.every((word) => line.includes(word))).at(0);
}

/** Running processes whose environment, when they were started, had this `NAME=value`. Linux only. */
export function findProcessesWith(variable: string): readonly number[] {
  return processesWhere("environ", (variables) => variables.includes(variable));
}

function processesWhere(file: string, isOne: (texts: readonly string[]) => boolean): readonly number[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    try {
      return isOne(readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0"));
    } catch {
      return false;
    }
  });
}

/** Where PATH leads. */
export function findProgram(name: string): string | undefined {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
