import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
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

  it("refuses what is no text, without showing it, and masks on", () => {
    for (const value of [80808080, null, true, { a: 80808080 }, ["80808080"]]) {
      const odd = createSecrets((name) => (name === "ODD" ? (value as never) : "abcdef"));
      odd.read("TOKEN");
      assert.throws(
        () => odd.read("ODD"),
        (thrown: Error & { code?: string }) =>
          thrown.code === "USAGE" && /ODD, not/.test(thrown.message) && !/808/.test(thrown.message),
      );
      assert.equal(odd.mask("abcdef, ODD"), "***, ODD");
    }
  });

  it("says when a variable is not set", () => assert.equal(secrets.read("MISSING"), undefined));

  it("masks each line of a value, wherever it is printed, in pieces of any size", () => {
    const secretLine = fc.stringMatching(/^[A-Za-z0-9+/"\\: é]{6,40}$/).filter((line) => line.trim().length >= 6);
    const shortLine = fc.constantFrom("", "}", "  ", "=ab1");
    fc.assert(
      fc.property(
        fc.array(fc.oneof(secretLine, shortLine), { minLength: 1, maxLength: 5 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom("", "\n", "\r\n\n"),
        fc.nat(50),
        (lines, ending, end, cut) => {
          const secrets = createSecrets(() => lines.join(ending) + end);
          secrets.read("KEY");
          const pieces = secrets.maskPieces();
          const hidden = lines.map((line) => line.trim()).filter((line) => line.length >= 6);
          for (const line of hidden) {
            const printed = `<${line}> and {"json": ${JSON.stringify(line)}}`;
            const told = [printed.slice(0, cut), printed.slice(cut)].map((piece) => pieces.push(piece)).join("");
            for (const masked of [secrets.mask(printed), told + pieces.end()]) {
              assert.ok(!masked.includes(line), masked);
              assert.ok(!masked.includes(JSON.stringify(line).slice(1, -1)), masked);
            }
          }
        },
      ),
    );
  });

  it("leaves single lines that stand in a workflow's definition, whichever comes first, and never a value as a whole", () => {
    for (const exposeFirst of [true, false]) {
      const secrets = createSecrets((name) => (name === "CONFIG" ? "host: db.internal\npassword-1" : "token-1"));
      const definition = 'args: ["--config", "host: db.internal"] # token-1';
      if (exposeFirst) secrets.expose(definition);
      for (const name of ["CONFIG", "TOKEN"]) secrets.read(name);
      assert.match(secrets.mask("password-1"), /^\*+$/);
      if (!exposeFirst) secrets.expose(definition);
      assert.equal(secrets.mask("host: db.internal, password-1, token-1"), "host: db.internal, ***, ***");
      assert.equal(secrets.mask("host: db.internal\npassword-1"), "***");
    }
  });

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
