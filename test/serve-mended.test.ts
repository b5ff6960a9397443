// A run that failed because its workflow file is wrong goes on with the file as the server has it now.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type RunningService, startDummyServer } from "../src/service/index.ts";
import { type Guarded, startGuarded } from "./serve/guarded.ts";

/** Nobody listens at this port, which is not asked for often. */
const NOWHERE = "127.0.0.1:1";

describe("a run whose workflow file was mended", { timeout: 60_000 }, () => {
  let server: Guarded;
  let service: RunningService;
  before(async () => {
    server = await startGuarded();
    service = await startDummyServer({ port: 0 });
  });
  after(async () => {
    await server.close();
    await service.close();
  });

  const textOf = (name: string, address: string, output = "out"): string =>
    JSON.stringify({
      workflow_name: name,
      start_node: "a",
      service_registry: { a: service.address, b: address },
      defaults: { retry: { max_attempts: 1 } },
      containers: {
        a: { input_file: "x", output_file: "y", next_node: "b" },
        b: { input_file: "y", output_file: output },
      },
    });

  async function as(role: "viewer" | "operator" | "admin", method: string, path: string, body?: unknown) {
    const token = await server.tokenOf(role);
    return server.send(method, `/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });
  }

  /** @returns the hash of what is stored */
  async function put(name: string, text: string): Promise<string> {
    const { status, body } = await as("admin", "PUT", `/workflows/${name}`, { format: "json", text });
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
    return body.workflow.definition_hash;
  }

  /** A run whose second node has failed: its address is wrong. */
  async function failedRun(name: string): Promise<string> {
    const hash = await put(name, textOf(name, NOWHERE));
    await as("operator", "POST", "/runs", { workflow: name, run_id: `${name}-1`, preflight: false });
    await as("viewer", "GET", `/runs/${name}-1/wait`);
    return hash;
  }

  const view = async (runId: string) => (await as("viewer", "GET", `/runs/${runId}`)).body;
  const resume = (role: "viewer" | "operator", runId: string, body: object) =>
    as(role, "POST", `/runs/${runId}/resume`, { preflight: false, ...body });

  it("is resumed with it by an operator, and not by a viewer; what has succeeded is not done again", async () => {
    const wrong = await failedRun("mended");
    const mended = await put("mended", textOf("mended", service.address));
    const refused = await resume("viewer", "mended-1", { workflow: "mended" });
    assert.deepEqual([refused.status, refused.body.code], [403, "FORBIDDEN"]);
    assert.equal((await view("mended-1")).definition_hash, wrong);

    const resumed = await resume("operator", "mended-1", { workflow: "mended" });
    assert.deepEqual([resumed.status, resumed.body.from, resumed.body.reset], [200, "failed", ["b"]]);
    assert.equal((await as("viewer", "GET", "/runs/mended-1/wait")).body.end.type, "run.succeeded");
    const { definition_hash, nodes } = await view("mended-1");
    assert.equal(definition_hash, mended);
    assert.deepEqual(
      nodes.map(({ attempts }: { readonly attempts: readonly unknown[] }) => attempts.length),
      [1, 2],
    );
    const [entry] = (await as("admin", "GET", "/audit?limit=1")).body.entries;
    assert.deepEqual(
      [entry.action, entry.run_id, entry.workflow, entry.outcome],
      ["run.resume", "mended-1", "mended", "done"],
    );
  });

  it("goes on as it was without a word of the file, and with an own definition for admins only", async () => {
    const wrong = await failedRun("kept");
    await put("kept", textOf("kept", service.address));
    const definition = { format: "json", text: textOf("kept", service.address) };
    for (const path of ["resume", "rerun"]) {
      const own = await as("operator", "POST", `/runs/kept-1/${path}`, { definition });
      assert.deepEqual([own.status, own.body.code], [403, "FORBIDDEN"]);
    }
    assert.equal((await resume("operator", "kept-1", {})).status, 200);
    assert.equal((await as("viewer", "GET", "/runs/kept-1/wait")).body.end.type, "run.failed");
    assert.equal((await view("kept-1")).definition_hash, wrong);
  });

  it("goes on with the version that was looked at, though the file has changed since", async () => {
    const wrong = await failedRun("raced");
    const seen = await put("raced", textOf("raced", service.address));
    await put("raced", textOf("raced", NOWHERE, "elsewhere"));
    assert.equal((await resume("operator", "raced-1", { workflow: "raced", definition_hash: seen })).status, 200);
    assert.equal((await as("viewer", "GET", "/runs/raced-1/wait")).body.end.type, "run.succeeded");
    assert.equal((await view("raced-1")).definition_hash, seen);
    assert.notEqual(seen, wrong);
  });

  it("stays as it is where there is no such workflow or version, its file is broken, or it changes what is done", async () => {
    const wrong = await failedRun("stays");
    const before = await view("stays-1");
    const broken = JSON.stringify({ workflow_name: "stays" });
    const asked: readonly (readonly [object, number, string])[] = [
      [{ workflow: "nobody" }, 404, "WORKFLOW_UNKNOWN"],
      [{ workflow: "stays", definition_hash: `sha256:${"0".repeat(64)}` }, 404, "WORKFLOW_UNKNOWN"],
      [{ definition_hash: wrong }, 400, "USAGE"],
      [{ workflow: "stays", definition: { format: "json", text: broken } }, 400, "USAGE"],
    ];
    for (const [body, status, code] of asked) {
      for (const path of ["resume", "rerun"]) {
        const answer = await as("operator", "POST", `/runs/stays-1/${path}`, body);
        assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify([path, body]));
      }
    }
    await put("stays", textOf("stays", service.address).replace('"output_file":"y"', '"output_file":"z"'));
    assert.equal((await resume("operator", "stays-1", { workflow: "stays" })).body.code, "RESUME_FILE_DIFFERS");
    writeFileSync(join(server.stateDir, "workflows", "stays.json"), broken);
    for (;;) if (!(await as("viewer", "GET", "/workflows/stays")).body.valid) break;
    for (const path of ["resume", "rerun"]) {
      const answer = await as("operator", "POST", `/runs/stays-1/${path}`, { workflow: "stays" });
      assert.deepEqual([answer.status, answer.body.code], [422, "WORKFLOW_MISSING_KEY"]);
    }
    assert.deepEqual(await view("stays-1"), before);
  });

  it("is made anew with it, and keeps what the file leaves as it was", async () => {
    await failedRun("anew");
    const mended = await put("anew", textOf("anew", service.address));
    const body = { workflow: "anew", definition_hash: mended, run_id: "anew-2" };
    assert.equal((await as("viewer", "POST", "/runs/anew-1/rerun", body)).status, 403);
    const made = await as("operator", "POST", "/runs/anew-1/rerun", body);
    assert.deepEqual([made.status, made.body.kept], [201, ["a"]]);
    assert.equal((await as("viewer", "GET", "/runs/anew-2/wait")).body.end.type, "run.succeeded");
    assert.equal((await view("anew-2")).definition_hash, mended);
  });
});
