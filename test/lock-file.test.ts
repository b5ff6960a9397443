// `npm ci` refuses a lock file that leaves out packages of other platforms. npm leaves them out itself when it writes
// the file beside an installed node_modules, or from a registry that does not have them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

interface Locked {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

for (const path of ["package-lock.json", "test/mutation/package-lock.json", "test/package/package-lock.json"])
  describe(path, () => {
    const text = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
    const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(text);

    it("names the packages of every platform, in the version that is asked for", () => {
      const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
        Object.entries(optionalDependencies).filter(([name, version]) => {
          const found = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
          return found === undefined || (/^\d/.test(version) && found.version !== version);
        }),
      );
      assert.deepEqual(missing, []);
    });

    it("says nothing of where packages were fetched from", () => {
      assert.ok(!text.includes('"resolved"'));
    });
  });
