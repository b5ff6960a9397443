import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecrets, maskJson } from "./secrets.ts";

describe("secrets", () => {
  const secrets = createSecrets((name) => ({ TOKEN: "abcdef", LONGER: "abcdef-and-more", SHORT: "abc" })[name]);

  it("masks nothing before it was read", () => assert.equal(secrets.mask("abcdef"), "abcdef"));

  it("masks every value of six characters or more, longer ones first, and leaves shorter ones", () => {
    for (const name of ["TOKEN", "LONGER", "SHORT"]) secrets.read(name);
    assert.equal(secrets.mask("Bearer abcdef-and-more, abcdef; abc"), "Bearer ***, ***; abc");
  });

  it("masks a value of several lines also as a terminal ends them", () => {
    const secrets = createSecrets(() => "line one\nline two");
    secrets.read("KEY");
    assert.equal(secrets.mask("line one\r\nline two. line one\nline two."), "***. ***.");
  });

  it("masks in a text that comes in pieces, too", () => {
    const pieces = secrets.maskPieces();
    assert.equal(pieces.push("Bearer abcdef-and-m"), "Bearer ");
    assert.equal(pieces.push("ore, abc"), "***, ");
    assert.equal(pieces.end(), "abc");
  });

  it("says when a variable is not set", () => assert.equal(secrets.read("MISSING"), undefined));

  it("masks texts within JSON, and nothing of JSON itself", () => {
    const secrets = createSecrets(() => 'a"b\\123456');
    secrets.read("ANY");
    const value = { type: "x", list: ['say a"b\\123456', 123456, null], nested: { deep: "123456" } };
    assert.deepEqual(maskJson(value, secrets), {
      type: "x",
      list: ["say ***", 123456, null],
      nested: { deep: "123456" },
    });
  });
});
