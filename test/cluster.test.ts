// The suites of the cluster take minutes and servers of Restate: `npm run campaign:cluster` runs them. Where there is no
// such server they are named as skipped; where there is one, each has to be one that is skipped without it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { requireRestate } from "../src/testing/restate/binary.ts";

const folder = new URL("cluster/", import.meta.url);
const { skip } = requireRestate();

describe("suites on servers of Restate", () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".test.ts"))) {
    it(`test/cluster/${name}`, { skip }, () => {
      assert.match(readFileSync(new URL(name, folder), "utf8"), /\brequireRestate\(\)/);
    });
  }
});
