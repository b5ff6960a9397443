// One Idempotency-Key, one run: whoever asks how often, at once, and after a restart.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type RunningService, startDummyServer } from "../src/service/index.ts";
import { pairOf } from "./serve/pair.ts";
import { type Serving, startServing } from "./serve/serving.ts";

describe("Idempotency-Key", () => {
  let serving: Serving;
  let service: RunningService;
  before(async () => {
    serving = await startServing();
    service = await startDummyServer({ port: 0 });
  });
  after(async () => {
    await serving.close();
    await service.close();
  });
  const post = async (path: string, body: unknown, key?: string) => {
    const reply = await fetch(`${serving.url}/api/v1${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) },
    });
    const answer = (await reply.json()) as { readonly run_id?: string; readonly code?: string };
    return { ...answer, status: reply.status };
  };
  const countRuns = async () => (await serving.host.runs.list()).runs.length;

  it("starts one run for requests that come one after the other and at once", async () => {
    const body = { definition: pairOf(service.address), params: {} };
    const before = await countRuns();
    const replies = await Promise.all(Array.from({ length: 20 }, () => post("/runs", body, "k1")));
    const later = await post("/runs", { params: {}, definition: { ...pairOf(service.address) } }, "k1");
    assert.deepEqual(new Set([...replies, later].map(({ run_id }) => run_id)).size, 1);
    assert.deepEqual([...replies, later].map(({ status }) => status).sort(), [
      ...Array.from({ length: 20 }, () => 200),
      201,
    ]);
    assert.equal((await countRuns()) - before, 1);
  });

  it("refuses another body with that key before anything of it is validated", async () => {
    for (const body of [{ definition: pairOf("127.0.0.1:1") }, { nonsense: true }, [], "{}"]) {
      const { status, code } = await post("/runs", body, "k1");
      assert.deepEqual([status, code], [409, "IDEMPOTENCY_KEY_USED"], JSON.stringify(body));
    }
    assert.equal((await post("/runs", { definition: pairOf(service.address) }, "k 2\u00e4")).code, "REQUEST_INVALID");
  });

  it("keeps no key of a request that was refused", async () => {
    assert.equal((await post("/runs", { workflow: "none" }, "k3")).status, 404);
    assert.equal((await post("/runs", { definition: pairOf(service.address) }, "k3")).status, 201);
  });

  it("takes a run id for the key of who asks for the very same again", async () => {
    const body = { definition: pairOf(service.address), run_id: "mine" };
    assert.deepEqual([(await post("/runs", body)).status, (await post("/runs", body)).status], [201, 200]);
    assert.equal((await post("/runs", { ...body, priority: 1 })).code, "RUN_EXISTS");
  });

  it("makes one rerun, and knows another source for another request", async () => {
    const { run_id } = await post("/runs", { definition: pairOf(service.address), run_id: "source" });
    await serving.call("GET", `/runs/${run_id}/wait`);
    const first = await post("/runs/source/rerun", { from: ["a"] }, "k4");
    const again = await post("/runs/source/rerun", { from: ["a"] }, "k4");
    assert.deepEqual([first.status, again.status, again.run_id], [201, 200, first.run_id]);
    assert.equal((await post("/runs/mine/rerun", { from: ["a"] }, "k4")).code, "IDEMPOTENCY_KEY_USED");
  });
});
