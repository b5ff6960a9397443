import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { listenAsPeer } from "../../testing/peers/peer.ts";
import { createAdmin } from "./admin.ts";
import { createHttpTools } from "./http.ts";
import { createIngress } from "./ingress.ts";

describe("what answers in the place of Restate", () => {
  it("is quoted on one line, and in short", async () => {
    const noise = "\x1b[31mno\r\n\u202e".repeat(2000);
    for (const [status, body] of [
      [404, noise],
      [418, noise],
      [400, JSON.stringify({ message: noise })],
      [200, noise],
    ] as const) {
      const server = createServer((_request, response) => void response.writeHead(status).end(body));
      await using peer = await listenAsPeer(server);
      const tools = createHttpTools(createSteppingClock());
      const url = `http://${peer.address}`;
      const ask = {
        ingress: () => createIngress(url, tools).call({ service: "S", handler: "h" }),
        output: () => createIngress(url, tools).outputOf("inv_1"),
        admin: () => createAdmin(url, tools).query("SELECT 1"),
      };
      for (const [what, one] of Object.entries(ask)) {
        if (what === "output" && status === 404) continue;
        await assert.rejects(one, ({ message }: Error) => {
          assert.doesNotMatch(message, /\p{Cc}|\u202e/u, `${what} ${status}`);
          assert.ok(message.length < 900, `${what} ${status}: ${message.length}`);
          return true;
        });
      }
      tools.close();
    }
  });
});
