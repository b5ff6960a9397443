import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import { createFakeExecutor, untilAborted } from "../../testing/fake-executor.ts";
import { createRig, resume, typesOf } from "../../testing/runtime-rig.ts";

const DEFINITION = {
  format: "json",
  text: JSON.stringify({
    workflow_name: "secret",
    start_node: "a",
    service_registry: { a: { address: "localhost:1", metadata: { authorization: "Bearer ${env.TOKEN}" } } },
    containers: { a: { input_file: "x", output_file: "y" } },
  }),
} as const;

const withToken = (token?: string) => createSecrets((name) => (name === "TOKEN" ? token : undefined));

describe("a recovery by a process that lacks a variable", () => {
  it("is refused, and leaves the run for one that has it", async () => {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store, secrets: withToken("s3cret-value") },
    );
    const { runId } = await first.runtime.start({ definition: DEFINITION });
    await first.runtime.close();
    await first.journal.close();

    const lacking = createRig(createFakeExecutor(), { store, secrets: withToken() });
    await assert.rejects(lacking.runtime.resume(runId, { by: "server", recovery: true }), {
      code: "RUN_MISSING_ENV",
      message: `run ${runId} needs the environment variable TOKEN, which is not set`,
    });
    const { status, owner, last_seq } = await lacking.runtime.get(runId);
    assert.deepEqual([status, owner?.alive, last_seq], ["running", false, 3]);
    await lacking.runtime.close();

    const next = createRig(createFakeExecutor(), { store, secrets: withToken("s3cret-value") });
    const { ended } = await resume(next, runId, { recovery: true });
    assert.equal((await ended).type, "run.succeeded");
    assert.equal(typesOf(await next.runtime.events(runId)).at(3), "run.resumed");
  });
});
