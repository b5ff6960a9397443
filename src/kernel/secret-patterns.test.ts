import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { patternsOf, standsIn } from "./secret-patterns.ts";

describe("what is hidden of a secret", () => {
  const cases: readonly {
    readonly title: string;
    readonly value: string;
    readonly whole: readonly string[];
    readonly lines?: readonly string[];
  }[] = [
    { title: "a value of one line", value: "s3cret-value", whole: ["s3cret-value"] },
    { title: "one that ends in a newline, without it", value: "s3cret-value\n", whole: ["s3cret-value"] },
    { title: "one with space around it, without that", value: " \ts3cret value \r\n", whole: ["s3cret value"] },
    { title: "a short value not at all", value: "abcde", whole: [] },
    { title: "a short value that white space makes long, as it is", value: "abcd  ", whole: ["abcd  "] },
    { title: "white space not at all", value: "          ", whole: [] },
    {
      title: "a value that JSON writes otherwise, both ways",
      value: 'a"b\\c-123',
      whole: ['a"b\\c-123', 'a\\"b\\\\c-123'],
    },
    {
      title: "one beyond ASCII, as Python writes it in JSON too",
      value: "pässwörd-🔑",
      whole: ["pässwörd-🔑", "p\\u00e4ssw\\u00f6rd-\\ud83d\\udd11"],
    },
    {
      title: "one with what HTML takes for markup, as Go writes it in JSON too",
      value: "a<b&c>-123",
      whole: ["a<b&c>-123", "a\\u003cb\\u0026c\\u003e-123"],
    },
  ];
  for (const { title, value, whole, lines = [] } of cases) {
    it(title, () => assert.deepEqual(patternsOf(value), { whole, lines }));
  }

  for (const ending of ["\n", "\r\n", "\r", "\u2028", "\\n", "\n\n  \n"]) {
    it(`each line of 6 characters or more, trimmed, where lines end with ${JSON.stringify(ending)}`, () => {
      const value = ["  first-line ", "short", "second line"].join(ending);
      assert.deepEqual(patternsOf(value).lines, ["first-line", "second line"]);
    });
  }

  it("a line with a backslash as it is, whatever letter comes after it", () => {
    for (const line of ["C:\\new\\run", "ab\\ncd", "\\r\\nab"]) {
      assert.ok(patternsOf(`user\n${line}\n`).lines.includes(line), line);
    }
  });

  it("several lines as a whole, however a terminal ends them", () => {
    for (const value of ["ab\ncd\nef", "ab\r\ncd\r\nef"]) {
      const { whole } = patternsOf(value);
      for (const text of ["ab\ncd\nef", "ab\r\ncd\r\nef", "ab\\ncd\\nef"]) assert.ok(whole.includes(text), text);
    }
  });

  it("the lines of a key, and not its frame", () => {
    const frames = [
      ["-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"],
      ["-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"],
      ["---- BEGIN SSH2 PUBLIC KEY ----", "---- END SSH2 PUBLIC KEY ----"],
    ];
    for (const frame of frames) {
      assert.deepEqual(patternsOf(frame.join("\nMIIEpAIBAAKCAQEA\n=abc\n")).lines, ["MIIEpAIBAAKCAQEA"]);
    }
    const inJson =
      '{"type": "account", "key": "-----BEGIN PRIVATE KEY-----\\nMIIEpAIBAAKC\\n-----END PRIVATE KEY-----\\n"}';
    assert.ok(patternsOf(inJson).lines.includes("MIIEpAIBAAKC"));
  });

  it("knows a line in a text as it is and as JSON writes it", () => {
    assert.ok(standsIn("args: [--host=db.internal]", "db.internal"));
    assert.ok(standsIn('{"args": ["say \\"hello\\""]}', 'say "hello"'));
    assert.ok(!standsIn("args: []", "db.internal"));
  });
});
