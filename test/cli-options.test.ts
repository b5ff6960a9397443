import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COMMANDS } from "../scripts/command-groups.ts";
import { COMMON_OPTIONS } from "../src/cli/options.ts";

describe("the options of every command", () => {
  for (const { name, options } of COMMANDS) {
    it(`stand once in busbar ${name}, and say what they are for`, () => {
      const names = [...options, ...COMMON_OPTIONS].map((option) => option.name);
      assert.deepEqual(names, [...new Set(names)]);
      for (const { about } of options) assert.notEqual(about.trim(), "");
    });
  }
});
