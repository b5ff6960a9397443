import assert from "node:assert/strict";
import { afterEach, describe, it, mock } from "node:test";
import { createApiClient, isApiError, type Problem } from "./client.ts";

const PROBLEM = { code: "RUN_NOT_FOUND", detail: "there is no run r1", remedy: "List the runs.", status: 404 };

async function problemOf(response: Response): Promise<Problem> {
  mock.method(globalThis, "fetch", () => Promise.resolve(response));
  try {
    await createApiClient("http://busbar.test").call("get", "/api/v1/session", {});
  } catch (thrown) {
    assert.ok(isApiError(thrown), String(thrown));
    return thrown.problem;
  }
  assert.fail("it was not refused");
}

describe("an answer that refuses", () => {
  afterEach(() => mock.restoreAll());

  it("is the problem that the server tells", async () => {
    const { code, detail } = await problemOf(new Response(JSON.stringify(PROBLEM), { status: 404 }));
    assert.deepEqual([code, detail], ["RUN_NOT_FOUND", "there is no run r1"]);
  });

  it("is told by its status where it is of something before the server, or cut", async () => {
    for (const body of ["<html>Bad Gateway</html>", "", "null", "{}", '"no"', '{"code":"RUN_NOT_FO']) {
      const { code, detail, remedy } = await problemOf(new Response(body, { status: 502 }));
      assert.equal(code, "HTTP_502");
      assert.match(detail, /status 502/);
      assert.notEqual(remedy, "");
    }
  });

  it("is told where an answer that is fine was cut, or is no answer of this server", async () => {
    for (const body of ["", "null", '{"role":"adm', "<html>Sign in to the network</html>"]) {
      const { code, detail } = await problemOf(new Response(body, { status: 200 }));
      assert.equal(code, "HTTP_200");
      assert.match(detail, /cannot be read/);
    }
  });
});
