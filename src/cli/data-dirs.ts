import { resolve } from "node:path";
import type { DataDir } from "../app/server/surroundings.ts";
import { BusbarError } from "../kernel/errors.ts";

/**
 * What `--data-dir PREFIX=DIR` says, once for each.
 * @throws BusbarError USAGE
 */
export function parseDataDirs(texts: readonly string[]): readonly DataDir[] {
  return texts.map((text) => {
    const equals = text.indexOf("=");
    const [prefix, dir] = [text.slice(0, equals), text.slice(equals + 1)];
    if (equals < 1 || dir === "") {
      throw new BusbarError("USAGE", `--data-dir is PREFIX=DIR, such as /data=/srv/data, not ${JSON.stringify(text)}`);
    }
    return { prefix, dir: resolve(dir) };
  });
}
