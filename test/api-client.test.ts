// The client that is made of the API's description compiles, and calls a real server.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ApiClient, createApiClient, isApiError } from "../dashboard/api/client.ts";
import { type RunningService, startDummyServer } from "../src/service/index.ts";
import { pairOf } from "./serve/pair.ts";
import { type Serving, startServing } from "./serve/serving.ts";

describe("the client of the API", () => {
  let serving: Serving;
  let service: RunningService;
  let client: ApiClient;
  before(async () => {
    serving = await startServing();
    service = await startDummyServer({ port: 0 });
    client = createApiClient(serving.url);
  });
  after(async () => {
    await serving.close();
    await service.close();
  });

  it("starts a run, waits for it, looks at it and lists it", async () => {
    const { run_id } = await client.call("post", "/api/v1/runs", { body: { definition: pairOf(service.address) } });
    const { end } = await client.call("get", "/api/v1/runs/{run_id}/wait", { path: { run_id } });
    assert.equal(end?.type, "run.succeeded");
    const { status, nodes } = await client.call("get", "/api/v1/runs/{run_id}", { path: { run_id } });
    assert.deepEqual([status, nodes.map(({ id }) => id)], ["succeeded", ["a", "b"]]);
    const { runs } = await client.call("get", "/api/v1/runs", { query: { status: "succeeded", limit: 1 } });
    assert.deepEqual(
      runs.map((run) => run.run_id),
      [run_id],
    );
  });

  it("throws the problem that the server tells", async () => {
    const asked = client.call("delete", "/api/v1/runs/{run_id}", { path: { run_id: "a b" } });
    await assert.rejects(asked, (thrown) => isApiError(thrown) && thrown.problem.code === "REQUEST_INVALID");
  });

  it("does not compile with what the API does not have", () => {
    // Never called: the compiler alone reads it.
    const never = async (): Promise<void> => {
      // @ts-expect-error
      await client.call("get", "/api/v1/nothing", {});
      // @ts-expect-error
      await client.call("put", "/api/v1/runs", {});
      // @ts-expect-error
      await client.call("get", "/api/v1/runs/{run_id}", {});
      // @ts-expect-error
      await client.call("get", "/api/v1/runs", { query: { status: "done" } });
      // @ts-expect-error
      (await client.call("get", "/api/v1/runs", {})).items;
    };
    assert.ok(never);
  });
});
