import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readEventStream, type StreamMessage } from "./event-stream.ts";

async function read(chunks: readonly (Uint8Array | string)[]) {
  const retries: number[] = [];
  const messages: StreamMessage[] = [];
  async function* source() {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  for await (const message of readEventStream(source(), (ms) => retries.push(ms))) messages.push(message);
  return { messages, retries };
}

/** The same bytes, cut at those places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const at = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
}

describe("readEventStream", () => {
  it("reads fields, comments, several lines of data, and ids that stay", async () => {
    const text =
      ": hello\n\nid: r:1\ndata: one\n\nevent: end\ndata:two\ndata:  three\ndata\n\nevent: lost\n\nretry: 20\nretry: x\ndata:4\nid\n\n";
    assert.deepEqual(await read([text]), {
      messages: [
        { id: "r:1", event: "", data: "one" },
        { id: "r:1", event: "end", data: "two\n three\n" },
        { id: "", event: "", data: "4" },
      ],
      retries: [20],
    });
  });

  it("takes no message whose end is missing, and no id with a NUL", async () => {
    const { messages } = await read(["\ufeffdata: 1\n\nid: a\0b\ndata: 2\n\ndata: 3\n"]);
    assert.deepEqual(messages, [
      { id: "", event: "", data: "1" },
      { id: "", event: "", data: "2" },
    ]);
  });

  it("reads the same wherever the bytes are cut, and however lines end", async () => {
    const line = fc.constantFrom("\n", "\r", "\r\n");
    const message = fc.record({
      id: fc.stringMatching(/^[a-zé€😀]{1,4}$/u),
      data: fc.stringMatching(/^[^\r\n\ud800-\udfff]{0,9}$/u),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message), line, fc.array(fc.nat()), async (wanted, end, places) => {
        const text = wanted.map(({ id, data }) => `id: ${id}${end}data: ${data}${end}${end}`).join("");
        const { messages } = await read(cut(text, places));
        assert.deepEqual(
          messages,
          wanted.map(({ id, data }) => ({ id, event: "", data })),
        );
      }),
    );
  });

  it("reads no further than it is asked", async () => {
    let given = 0;
    async function* source() {
      for (;;) {
        given += 1;
        yield Buffer.from(`data: ${given}\n\n`);
      }
    }
    for await (const { data } of readEventStream(source())) if (data === "3") break;
    assert.equal(given, 3);
  });
});
