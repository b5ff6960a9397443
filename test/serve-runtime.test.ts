// The promises of a runtime, kept over HTTP: real servers, one for each process that the suite opens.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import { createSystemRandom } from "../src/adapters/system/random.ts";
import { createApi } from "../src/api/api.ts";
import { listen } from "../src/api/server.ts";
import { createStreams } from "../src/api/streams/streams.ts";
import { openServer } from "../src/app/server/open-server.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import { createLocalRuntime } from "../src/runtimes/local/runtime.ts";
import { createRemoteRuntime } from "../src/runtimes/remote/runtime.ts";
import { readDefinition } from "../src/testing/read-definition.ts";
import type { OpenRuntime } from "../src/testing/runtime-harness.ts";
import { describeRuntime } from "../src/testing/runtime-suite.ts";
import { admitAs } from "./serve/serving.ts";

describeRuntime("a server, over HTTP", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "busbar-serve-runtime-"));
  // What a server has beside runs is none of theirs.
  const rest = await openServer({ stateDir: join(stateDir, "rest"), secrets: createSecrets(() => undefined) });
  return {
    async open(executor): Promise<OpenRuntime> {
      const [clock, ids] = [createSystemClock(), createSystemIds()];
      const journal = await openSqliteJournal({ stateDir, clock, ids, pid: process.pid, host: "test" });
      const local = createLocalRuntime({
        journal,
        executors: { grpc: executor },
        clock,
        random: createSystemRandom(),
        ids,
        secrets: createSecrets(() => undefined),
        busbarVersion: "0.0.0",
        readDefinition,
        origin: "server",
      });
      const streams = createStreams();
      const api = createApi(
        { ...rest, runs: local },
        streams,
        admitAs({ role: "admin", name: "test", id: "test", isMachine: true }),
      );
      const server = await listen(api, streams, { host: "127.0.0.1", port: 0 });
      const remote = await createRemoteRuntime({ server: { url: new URL(server.url) }, clock });
      return {
        runtime: remote,
        async crash() {
          remote.close();
          await journal.close();
          await local.close();
          await server.close();
        },
        async close() {
          await local.close();
          await server.close();
          remote.close();
          await journal.close();
        },
      };
    },
    async close() {
      await rest.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
});
