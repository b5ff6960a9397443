import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { createFakeExecutor } from "../../testing/fake-executor.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import { openBusbar } from "../open-busbar.ts";
import { openServer, type ServerHost } from "./open-server.ts";

describe("a state directory of a server", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-server-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (): Promise<ServerHost> =>
    openServer({ stateDir: folder, secrets: createSecrets(() => undefined), onTrouble: () => undefined });

  it("keeps the runs of others, however old they are", async () => {
    const { definition } = workflowOf("a", { services: { service: "localhost:1" }, retry: { maxAttempts: 1 } });
    const server = await open();
    const { runId } = await server.runs.start({ definition, runId: "of-the-server" });
    await server.runs.wait(runId);
    await server.letGo(0);
    await server.close();
    const library = await openBusbar({ stateDir: folder, executors: { grpc: createFakeExecutor() } });
    await library.wait((await library.start({ definition, runId: "of-a-program" })).runId);
    await library.close();

    const next = await open();
    const pruned = [];
    for await (const { run_id } of next.runs.prune({ origin: "server", keep: 0 }, assert.ifError)) pruned.push(run_id);
    assert.deepEqual(pruned, ["of-the-server"]);
    const { runs } = await next.runs.list();
    assert.deepEqual(
      runs.map(({ run_id, origin }) => [run_id, origin]),
      [["of-a-program", "library"]],
    );
    await next.close();
  });

  it("has one server at a time", async () => {
    const first = await open();
    await assert.rejects(open(), { code: "SERVER_RUNNING" });
    await first.close();
    await (await open()).close();
  });
});
