import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { type Context, createEndpointHandler, service } from "@restatedev/restate-sdk";

export const BARE_SERVICE = "Bare";

export interface BareRestate {
  readonly port: number;
  close(): Promise<void>;
}

/** The floor: a handler with three steps that are durable, and nothing else. @param step what each of them does */
export async function serveBareRestate(step: () => Promise<unknown> | unknown): Promise<BareRestate> {
  const bare = service({
    name: BARE_SERVICE,
    handlers: {
      three: async (ctx: Context): Promise<void> => {
        for (let number = 0; number < 3; number += 1) await ctx.run(`step ${number}`, async () => await step());
      },
    },
    options: { journalRetention: 0 },
  });
  const server = createServer(createEndpointHandler({ services: [bare], logger: () => undefined }));
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
