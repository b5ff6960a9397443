import assert from "node:assert/strict";
import { it } from "node:test";
import { createMessageReader } from "./messages.ts";

it("messages are put together, however they are cut, and heartbeats are none", () => {
  const stream = ': \n\nid: e1\ndata: {"text":"a: b"}\n\n: \n\nid: e2\nevent: reset\nretry: 5\ndata: [2]\n\n';
  for (const size of [1, 2, 7, stream.length]) {
    const read = createMessageReader();
    const found = [];
    for (let at = 0; at < stream.length; at += size) found.push(...read(stream.slice(at, at + size)));
    assert.deepEqual(found, [{ text: "a: b" }, [2]], `pieces of ${size}`);
  }
});
