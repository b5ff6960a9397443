import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createLastWords } from "./last-words.ts";

/** As clients of several versions of docker and podman say that they have lost their engine. */
const CLIENTS = [
  'time="2026-11-26T03:51:19Z" level=error msg="error waiting for container: unexpected EOF"\n\n',
  "error waiting for container: unexpected EOF\n",
  'error during connect: Post "http://%2Fvar%2Frun%2Fdocker.sock/v1.47/containers/x/start": EOF\n',
  "Error response from daemon: dial unix docker.raw.sock: connect: connection refused\n",
  "Error: unable to connect to Podman socket: server API version is too old\n",
  "unexpected EOF\n",
];
const anyContainers = fc
  .array(fc.constantFrom("a line\n", "no end", "Error: of the container\n", "\n", "x".repeat(9000)), { maxLength: 5 })
  .map((pieces) => pieces.join(""));

describe("the last words of a client", () => {
  it("are kept back, behind whatever its container wrote, which is passed on", () => {
    fc.assert(
      fc.property(anyContainers, fc.constantFrom(...CLIENTS), (containers, clients) => {
        const words = createLastWords();
        const passed = [containers, clients].map((text) => words.push(Buffer.from(text)).toString()).join("");
        assert.equal(passed + words.held().toString(), containers + clients);
        assert.ok(words.held().toString().endsWith(clients));
        // All else that is kept back looks like them, too.
        const alike = words.held().toString().slice(0, -clients.length);
        assert.match(alike, /^(?:Error: of the container\n+)*$/);
      }),
    );
  });

  it("were none if more comes", () => {
    const words = createLastWords();
    assert.equal(words.push(Buffer.from("one\nError: two\n")).toString(), "one\n");
    assert.equal(words.push(Buffer.from("three\n")).toString(), "Error: two\nthree\n");
    assert.equal(words.held().length, 0);
    words.push(Buffer.from("Error: four\n"));
    assert.equal(words.release().toString(), "Error: four\n");
    assert.equal(words.held().length, 0);
  });

  it("are none in the middle of what a container says, however it comes", () => {
    const [dial, python] = ["dial tcp 127.0.0.1:1: connect: connection refused", "[Errno 111] Connection refused"];
    for (const line of [`ConnectionRefusedError: ${python}`, `Fatal Error: ${dial}`, "json: unexpected EOF"]) {
      const text = `Traceback\n${line}\n`;
      for (let size = 1; size <= text.length; size += 1) {
        const words = createLastWords();
        let passed = "";
        for (let at = 0; at < text.length; at += size) passed += words.push(Buffer.from(text.slice(at, at + size)));
        assert.equal(passed, text);
      }
    }
  });

  it("are said behind a line that has not ended, too, where only clients say them", () => {
    for (const clients of CLIENTS) {
      const words = createLastWords();
      assert.equal(words.push(Buffer.from(`no end${clients}`)).toString(), "no end");
      assert.equal(words.held().toString(), clients);
    }
  });
});
