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
    assert.equal(words.push(Buffer.from("three")).toString(), "Error: two\nthree");
    assert.equal(words.held().length, 0);
    words.push(Buffer.from("Error: four\n"));
    assert.equal(words.release().toString(), "Error: four\n");
    assert.equal(words.held().length, 0);
  });
});
