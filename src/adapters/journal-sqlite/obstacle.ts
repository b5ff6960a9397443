import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Access, findObstacle } from "../../kernel/access.ts";

/**
 * What keeps this process from the state directory, or from anything in it that a journal needs; undefined if nothing
 * does. Whoever writes there reads, too.
 */
export function findStateObstacle(stateDir: string, access: Access): string | undefined {
  if (access === "write") return findStateObstacle(stateDir, "read") ?? findAny(stateDir, "write");
  return findAny(stateDir, access);
}

function findAny(stateDir: string, access: Access): string | undefined {
  const obstacle = findObstacle(stateDir, access, process);
  if (obstacle !== undefined) return obstacle.why;
  const files = ["journal.db", "journal.db-wal", "journal.db-shm"];
  // A lock is read by whoever asks for its owner; only the owner writes it.
  const locks = namesIn(join(stateDir, "owners")).map((name) => join("owners", name));
  return (
    firstOf([...files, "owners"], (name) => findObstacle(join(stateDir, name), access, process)?.why) ??
    firstOf(locks, (name) => findObstacle(join(stateDir, name), "read", process)?.why)
  );
}

function firstOf(names: readonly string[], find: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const found = find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What keeps it from being listed is found in the folder itself.
    return [];
  }
}
