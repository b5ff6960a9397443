import { fstatSync } from "node:fs";

/**
 * What is written into a file that was deleted while it was open is lost without an error.
 * @throws Error that says so; errors of the file system
 */
export function requireLinked(file: number, path: string): void {
  if (fstatSync(file).nlink === 0) throw new Error(`${path} was deleted while it was written`);
}
