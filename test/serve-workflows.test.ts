// The workflows of a real server: files in a directory, uploads, versions, and runs of them by name.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { type RunningService, startDummyServer } from "../src/service/index.ts";
import { pairOf } from "./serve/pair.ts";
import { type Serving, startServing } from "./serve/serving.ts";

describe("workflows over HTTP", { timeout: 60_000 }, () => {
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

  const textOf = (name: string, output = "z"): string =>
    pairOf(service.address).text.replace('"pair"', JSON.stringify(name)).replace('"z"', JSON.stringify(output));
  const folder = (): string => join(serving.stateDir, "workflows");
  const put = (name: string, output?: string, more: object = {}) =>
    serving.call("PUT", `/workflows/${encodeURIComponent(name)}`, {
      format: "json",
      text: textOf(name, output),
      ...more,
    });

  async function untilShown(test: TestContext, name: string, will: (view: { readonly valid: boolean }) => boolean) {
    for (;;) {
      const { status, body } = await serving.call("GET", `/workflows/${name}`);
      if (status === 200 && will(body)) return body;
      test.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it("are uploaded, listed, shown, replaced, and run by name as they stood then", async () => {
    assert.deepEqual((await serving.call("GET", "/workflows")).body, { workflows: [] });
    const created = await serving.call("POST", "/workflows", { format: "json", text: textOf("pair"), replaces: null });
    assert.deepEqual([created.status, created.body.change], [201, "created"]);
    assert.equal(created.headers.get("location"), "/api/v1/workflows/pair");
    assert.equal(readFileSync(join(folder(), "pair.json"), "utf8"), textOf("pair"));
    const first = (await serving.call("GET", "/workflows/pair")).body;
    assert.deepEqual(first.graph.edges, [{ from: "a", to: "b" }]);
    assert.deepEqual([first.history.length, first.history[0].by], [1, "test"]);

    const replaced = await put("pair", "other", { replaces: first.definition_hash });
    assert.deepEqual([replaced.status, replaced.body.change, replaced.body.workflow.versions], [200, "replaced", 2]);
    const { workflows } = (await serving.call("GET", "/workflows")).body;
    assert.deepEqual(workflows, [replaced.body.workflow]);
    const old = await serving.call("GET", `/workflows/pair/versions/${first.definition_hash}`);
    assert.equal(old.body.definition_text, textOf("pair"));

    const started = await serving.call("POST", "/runs", { workflow: "pair", run_id: "now" });
    assert.equal(started.status, 201);
    const before = await serving.call("POST", "/runs", {
      workflow: "pair",
      definition_hash: first.definition_hash,
      run_id: "before",
    });
    assert.equal(before.status, 201);
    for (const [run_id, version] of [
      ["now", replaced.body.workflow.definition_hash],
      ["before", first.definition_hash],
    ]) {
      assert.equal((await serving.call("GET", `/runs/${run_id}/wait`)).body.end.type, "run.succeeded");
      assert.equal((await serving.call("GET", `/runs/${run_id}`)).body.definition_hash, version);
    }
  });

  it("are followed in their directory; a broken one is shown, and not started", async (test) => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(join(folder(), "file.json"), textOf("edited"));
    await untilShown(test, "edited", ({ valid }) => valid);
    writeFileSync(join(folder(), "file.json"), textOf("edited").replace('"output_file"', '"output"'));
    const broken = await untilShown(test, "edited", ({ valid }) => !valid);
    assert.deepEqual(
      [broken.file, broken.versions, broken.diagnostics[0].code],
      ["file.json", 1, "WORKFLOW_MISSING_KEY"],
    );
    const refused = await serving.call("POST", "/runs", { workflow: "edited" });
    assert.deepEqual([refused.status, refused.body.code], [422, "WORKFLOW_MISSING_KEY"]);
    assert.equal(refused.body.details.diagnostics[0].line, 1);
    const kept = { workflow: "edited", definition_hash: broken.definition_hash };
    assert.equal((await serving.call("POST", "/runs", kept)).status, 201);
  });

  it("tell what became of their runs", async () => {
    assert.equal((await put("counted")).status, 201);
    assert.deepEqual((await serving.call("GET", "/workflows/counted/stats")).body, { days: [], recent: [] });
    for (const run_id of ["c1", "c2"]) {
      await serving.call("POST", "/runs", { workflow: "counted", run_id });
      await serving.call("GET", `/runs/${run_id}/wait`);
    }
    const { days, recent, counted_since } = (await serving.call("GET", "/workflows/counted/stats")).body;
    assert.deepEqual(
      days.map(({ succeeded, failed }: { readonly succeeded: number; readonly failed: number }) => succeeded + failed),
      [2],
    );
    assert.deepEqual(
      [recent.map(({ run_id }: { readonly run_id: string }) => run_id), counted_since],
      [["c2", "c1"], undefined],
    );
    assert.ok(recent[0].duration_ms > 0);
    assert.equal((await serving.call("GET", "/workflows/nobody/stats")).body.code, "WORKFLOW_UNKNOWN");
  });

  it("have any name, and a path of their own", async () => {
    for (const name of ["a/b", "../up", "Ä ö", "%2e", "a?b#c", "..."]) {
      assert.equal((await put(name)).status, 201, name);
      const shown = await serving.call("GET", `/workflows/${encodeURIComponent(name)}`);
      assert.deepEqual([shown.status, shown.body.name], [200, name]);
      assert.equal((await put(name, "again")).body.change, "replaced");
    }
  });

  it("of two that replace one version, one is stored, and both are told", async () => {
    const { definition_hash: replaces } = (await put("raced")).body.workflow;
    const replies = await Promise.all(["x", "y"].map((output) => put("raced", output, { replaces })));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409]);
    const lost = replies.find(({ status }) => status === 409);
    const won = replies.find(({ status }) => status === 200);
    assert.equal(lost?.body.code, "WORKFLOW_CHANGED");
    assert.equal(lost?.body.details.definition_hash, won?.body.workflow.definition_hash);
  });

  it("are refused with a code and all that is wrong", async () => {
    const json = { format: "json", text: textOf("refused") };
    const none = `sha256:${"0".repeat(64)}`;
    const cases: readonly (readonly [number, string, string, string, unknown?])[] = [
      [404, "WORKFLOW_UNKNOWN", "GET", "/workflows/nobody"],
      [404, "WORKFLOW_UNKNOWN", "GET", `/workflows/pair/versions/${none}`],
      [404, "WORKFLOW_UNKNOWN", "POST", "/runs", { workflow: "pair", definition_hash: none }],
      [400, "REQUEST_INVALID", "GET", "/workflows/pair/versions/x"],
      [422, "WORKFLOW_SYNTAX", "POST", "/workflows", { ...json, text: "{" }],
      [422, "WORKFLOW_MISSING_KEY", "PUT", "/workflows/refused", { ...json, text: '{"workflow_name":"refused"}' }],
      [400, "USAGE", "PUT", "/workflows/other", json],
      [400, "USAGE", "POST", "/workflows", { ...json, text: `${json.text} \ud800` }],
      [409, "WORKFLOW_CHANGED", "POST", "/workflows", { ...json, replaces: none }],
      [400, "REQUEST_INVALID", "POST", "/workflows", { ...json, by: "somebody else" }],
      [400, "REQUEST_INVALID", "PUT", "/workflows/refused", { text: "{}" }],
    ];
    for (const [status, code, method, path, body] of cases) {
      const reply = await serving.call(method, path, body);
      assert.deepEqual([reply.status, reply.body.code], [status, code], `${method} ${path} ${JSON.stringify(body)}`);
    }
    const reply = await serving.call("POST", "/workflows", { ...json, text: '{"workflow_name":"refused"}' });
    assert.ok(reply.body.details.diagnostics.length > 0);
    assert.equal((await serving.call("GET", "/workflows/refused")).status, 404);
  });

  it("are looked at by everybody, and stored by admins alone", async (test) => {
    for (const role of ["viewer", "operator"] as const) {
      const other = await startServing({ role, name: role, id: role });
      test.after(() => other.close());
      assert.equal((await other.call("GET", "/workflows")).status, 200);
      const upload = { format: "json", text: textOf("w") };
      assert.equal((await other.call("POST", "/workflows", upload)).status, 403);
      assert.equal((await other.call("PUT", "/workflows/w", upload)).status, 403);
    }
  });
});
