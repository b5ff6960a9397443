import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Does something with an empty folder of its own, removed afterwards. */
export async function withFolder<T>(parent: string, action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(parent, "f-"));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
