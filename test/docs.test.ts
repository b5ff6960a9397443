// How test/docs reads the documents and judges what is printed; `npm run campaign:docs` types it all in a fresh clone.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { readBlocks } from "./docs/blocks.ts";
import { findDifference, findRunId } from "./docs/compare.ts";
import { listDocuments } from "./docs/documents.ts";
import { openTerminal } from "./docs/terminal.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("the documents", () => {
  for (const document of listDocuments()) {
    it(`say of each block how it is tested: ${document}`, () => {
      for (const { place, directives } of readBlocks(document, readFileSync(join(root, document), "utf8"))) {
        for (const one of directives) {
          if (one.kind !== "see") continue;
          assert.ok(existsSync(join(root, one.test)), `${place} names ${one.test}`);
          const text = readFileSync(join(root, one.test), "utf8");
          assert.ok(text.includes(basename(document)), `${one.test} says nothing of ${document}`);
        }
      }
    });
  }
});

describe("readBlocks", () => {
  const blocks = (text: string) => readBlocks("a.md", text);

  it("takes lines to type, and lines with what they print", () => {
    const text =
      "# A\n\n```sh\nnpm test # all\n\na \\\n  b\n```\n\n```console\n$ one\n1\n\n$ two\n```\n\n```ts\ncode();\n```\n";
    assert.deepEqual(blocks(text), [
      {
        place: "a.md:3",
        language: "sh",
        directives: [],
        steps: [{ command: "npm test # all" }, { command: "a \\\n  b" }],
      },
      {
        place: "a.md:10",
        language: "console",
        directives: [],
        steps: [
          { command: "one", printed: ["1", ""] },
          { command: "two", printed: [] },
        ],
      },
    ]);
  });

  it("takes what a test has to know from the comment above", () => {
    const [block] = blocks(
      "<!-- test: needs docker; first `mkdir x`; without `npm test`: too long -->\n```sh\nnpm run a\nnpm test # b\n```\n",
    );
    assert.deepEqual(
      block?.directives.map(({ kind }) => kind),
      ["needs docker", "first", "without"],
    );
    assert.deepEqual(block?.steps, [{ command: "mkdir x" }, { command: "npm run a" }]);
  });

  it("refuses what nobody would run", () => {
    for (const text of [
      "```\nnpm test\n```\n",
      "```bash\nnpm test\n```\n",
      "```console\nprinted\n```\n",
      "<!-- test: not today -->\n```sh\nnpm test\n```\n",
      "<!-- test: without `npm test` -->\n```sh\nnpm test\n```\n",
    ]) {
      assert.throws(() => blocks(text), /^Error: a\.md:\d/, text);
    }
  });
});

describe("findDifference", () => {
  const same: readonly (readonly [string, string])[] = [
    ["a\nb", "a\nb"],
    ["16:23:00.015Z  run 20261123T162259-mng8yg  created", "01:02:03.999Z  run 20270101T000000-zzzzzz  created"],
    ["succeeded in 22 ms: fine", "succeeded in 1.5 s: fine"],
    ["succeeded in 22 ms", "succeeded in 1 min 3 s"],
    ["…\nlast", "first\nsecond\nlast"],
    ["first\n…", "first\nsecond"],
    ["first\n…\nlast", "first\nlast"],
    ["…", "anything"],
  ];
  for (const [documented, printed] of same) {
    it(`finds none between ${JSON.stringify(documented)} and ${JSON.stringify(printed)}`, () => {
      assert.equal(findDifference(documented.split("\n"), printed.split("\n")), undefined);
    });
  }

  const others: readonly (readonly [string, string])[] = [
    ["a\nb", "a"],
    ["a", "a\nb"],
    ["a", "b"],
    ["a\nb", "b\na"],
    ["127.0.0.1:50051", "127.0.0.1:50052"],
    ["slip.yaml:28:16 error", "slip.yaml:29:16 error"],
    ["(3 succeeded)", "(2 succeeded)"],
    ["failed after 3 attempts", "failed after 4 attempts"],
    ["…\nlast", "first"],
    ["…\nlast", "last\nmore"],
    ["a", "npm warn EBADENGINE\na"],
  ];
  for (const [documented, printed] of others) {
    it(`finds one between ${JSON.stringify(documented)} and ${JSON.stringify(printed)}`, () => {
      assert.notEqual(findDifference(documented.split("\n"), printed.split("\n")), undefined);
    });
  }

  it("knows the run that was shown last", () => {
    assert.equal(findRunId("run 20261123T162259-mng8yg\nrun 20261123T162260-abcdef is"), "20261123T162260-abcdef");
    assert.equal(findRunId("no run"), undefined);
  });
});

describe("openTerminal", { skip: process.platform === "win32" && "it is a shell of POSIX" }, () => {
  it("keeps folder and variables, and tells how each command ended and what it printed", async () => {
    const terminal = openTerminal(root, { PATH: process.env.PATH });
    try {
      assert.deepEqual(await terminal.type("cd test && export A=b # both stay", 5000), { code: 0, lines: [] });
      const said = await terminal.type('echo "$A"; basename "$PWD"; echo wrong >&2; printf "no end"; false', 5000);
      assert.deepEqual(said, { code: 1, lines: ["b", "test", "wrong", "no end"] });
      await assert.rejects(terminal.type("sleep 60", 200), /sleep 60 has not come to its end/);
    } finally {
      terminal.close();
    }
  });

  it("leaves running what is started, until Ctrl-C", async () => {
    const terminal = openTerminal(root, { PATH: process.env.PATH });
    try {
      const program = `${JSON.stringify(process.execPath)} -e 'console.log("READY"); setInterval(() => {}, 1000)'`;
      await terminal.start(program, (lines) => lines.includes("READY"), 10_000);
      await terminal.interrupt();
      await assert.rejects(terminal.type("echo more", 5000), /the shell ended/);
    } finally {
      terminal.close();
    }
  });
});
