import { closeSync, constants, openSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { liesBeneath } from "./read-inside.ts";

/**
 * Lets a folder within another be written to, and no other, also where somebody puts a link in its place meanwhile: on
 * Linux it is held open. Elsewhere it is looked at a moment before.
 * @param way from `root` to the folder; empty for `root` itself
 * @param use is given a path that leads to the folder
 * @throws Error that says why not, in a clause; what `use` throws; errors of the file system
 */
export function holdFolder<T>(root: string, way: string, use: (path: string) => T): T {
  const realRoot = realpathSync(root);
  const path = join(realRoot, way);
  const requireWithin = (real: string): void => {
    if (real !== realRoot && !liesBeneath(real, realRoot)) {
      throw new Error("its folder is a link that leads out of the directory");
    }
  };
  if (process.platform !== "linux") {
    requireWithin(realpathSync(path));
    return use(path);
  }
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const held = `/proc/self/fd/${folder}`;
    requireWithin(readlinkSync(held));
    return use(held);
  } finally {
    closeSync(folder);
  }
}
