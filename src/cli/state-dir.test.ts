import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { resolveStateDir, stateDirSuffix } from "./state-dir.ts";

describe("the state directory", () => {
  const cwd = resolve("/work-dir");
  const env = (value: string | undefined) => () => value;

  it("is --state-dir, then BUSBAR_STATE_DIR, then .busbar of the working directory", () => {
    assert.equal(resolveStateDir({ flag: "a", env: env("b"), cwd }), resolve(cwd, "a"));
    assert.equal(resolveStateDir({ flag: undefined, env: env("b"), cwd }), resolve(cwd, "b"));
    assert.equal(resolveStateDir({ flag: undefined, env: env(""), cwd }), resolve(cwd, ".busbar"));
    assert.equal(resolveStateDir({ flag: undefined, env: env(undefined), cwd }), resolve(cwd, ".busbar"));
  });

  it("is named in the commands that are told to be typed, quoted as a shell needs it", () => {
    assert.equal(stateDirSuffix(undefined), "");
    assert.equal(stateDirSuffix("../state"), " --state-dir ../state");
    assert.equal(stateDirSuffix("it's here"), " --state-dir 'it'\\''s here'");
  });
});
