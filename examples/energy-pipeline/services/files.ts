import { stat } from "node:fs/promises";
import type { DataRoot } from "../../../src/service/index.ts";

/** The columns of meter readings, in the order they are written. */
export const READING_COLUMNS: readonly string[] = [
  "timestamp",
  "household_id",
  "power_consumption",
  "voltage",
  "current",
];

/**
 * A file to read.
 * @returns its absolute path, or undefined if nothing is there
 * @throws Error where the path is refused, or leads to something else than a file
 */
export async function findInput(root: DataRoot, path: string): Promise<string | undefined> {
  const located = await root.locate(path);
  const found = await stat(located).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new Error(`Input is not a file: ${path}`);
  return located;
}

/** As `findInput`, for services that cannot do without. */
export async function requireInput(root: DataRoot, path: string): Promise<string> {
  const found = await findInput(root, path);
  if (found === undefined) throw new Error(`Input file not found: ${path}`);
  return found;
}
