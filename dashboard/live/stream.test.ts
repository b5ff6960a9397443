import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { openStream } from "./stream.ts";

/** A server whose feed the test writes, and a stream that reads it. */
async function feedOf(answer: (after: string | null, response: ServerResponse) => void, silentMs?: number) {
  const server = createServer(({ url = "" }, response) =>
    answer(new URL(url, "http://x").searchParams.get("after"), response),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const note = (what: string): void => {
    told.push(what);
    for (const look of waiting) look();
  };
  const stream = openStream(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`,
    undefined,
    {
      items(items) {
        for (const { cursor } of items) note(cursor);
      },
      opened: () => note("opened"),
      lost: () => note("lost"),
    },
    silentMs,
  );
  return {
    stream,
    /** Resolves when so much was told. */
    async until(...wanted: readonly string[]): Promise<void> {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (told.length >= wanted.length) resolve();
        };
        waiting.add(look);
        look();
      });
      assert.deepEqual(told.splice(0, wanted.length), wanted);
    },
    close() {
      stream.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

const HEADERS = { "content-type": "text/event-stream" };
const now = (cursor: string) => `data: ${JSON.stringify({ kind: "now", cursor })}\n\n`;

describe("openStream", () => {
  it("goes on behind what it has heard when it was cut, and at once when told to", async () => {
    const asked: (string | null)[] = [];
    const feed = await feedOf((after, response) => {
      asked.push(after);
      response.writeHead(200, HEADERS).write(now(`c${asked.length}`));
      if (asked.length === 1) response.end("event: bye\ndata: {}\n\n");
    });
    try {
      await feed.until("opened", "c1", "lost");
      feed.stream.retry();
      await feed.until("opened", "c2");
      assert.deepEqual(asked, ["now", "c1"]);
    } finally {
      feed.close();
    }
  });

  it("gives up a connection on which nothing comes", async () => {
    const feed = await feedOf((_, response) => response.writeHead(200, HEADERS).write(": \n\n"), 1_000);
    try {
      await feed.until("opened", "lost");
    } finally {
      feed.close();
    }
  });

  it("begins anew where the server does not know the place, and tries on where it refuses", async () => {
    const asked: (string | null)[] = [];
    const feed = await feedOf((after, response) => {
      asked.push(after);
      if (asked.length === 1) response.writeHead(200, HEADERS).end(now("c1"));
      else if (after !== "now") response.writeHead(400).end("{}");
      else if (asked.length === 3) response.writeHead(503).end("{}");
      else response.writeHead(200, HEADERS).write(now("c9"));
    });
    try {
      await feed.until("opened", "c1", "lost");
      feed.stream.retry();
      await feed.until("lost");
      feed.stream.retry();
      await feed.until("lost");
      feed.stream.retry();
      await feed.until("opened", "c9");
      assert.deepEqual(asked, ["now", "c1", "now", "now"]);
    } finally {
      feed.close();
    }
  });
});
