// The API of a state directory in a process of its own, until standard input ends; with a handler that does nothing,
// to compare others with. Callers show the server's own token, so that a run can be started from the request alone.
import { createGuard } from "../../src/api/access/guard.ts";
import { createApi } from "../../src/api/api.ts";
import { listen } from "../../src/api/server.ts";
import { createStreams } from "../../src/api/streams/streams.ts";
import { openServer } from "../../src/app/server/open-server.ts";
import { readOwnToken } from "../../src/app/server/own-token.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";

const [, , stateDir = ""] = process.argv;
const host = await openServer({ stateDir, secrets: createSecrets(() => undefined) });
const streams = createStreams();
const guard = createGuard(host);
const api = createApi(host, streams, guard);
api.get("/bare", (c) => c.json({ ok: true }));
const server = await listen(api, streams, { host: "127.0.0.1", port: 0 });
process.stdin.resume().once("end", async () => {
  await server.close();
  guard.close();
  await host.close();
});
process.stdout.write(`${JSON.stringify({ url: server.url, token: readOwnToken(stateDir) })}\n`);
