// What nodes have made, over HTTP: on a real server, with real files, some of which somebody tampers with.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createJsonLog, type RunningService, startDummyServer } from "../src/service/index.ts";
import { type Serving, startServing } from "./serve/serving.ts";

const CSV = 'n,text\r\n1,a\r\n2,"b\r\nb"\r\n3,c\r\n';

interface NamingOptions {
  /** Whether another node follows. */
  readonly hasLast?: boolean;
  /** More of the workflow. */
  readonly [key: string]: unknown;
}

describe("the artifacts of a server", () => {
  let folder = "";
  let serving: Serving;
  let service: RunningService;
  /** Runs that are not there any more. (A server deletes none that ended a moment ago.) */
  const deleted = new Set<string>();
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "busbar-serve-artifacts-"));
    mkdirSync(join(folder, "data"));
    serving = await startServing(undefined, {
      dataDirs: [{ prefix: "/data", dir: join(folder, "data") }],
      instead: ({ runs }) => ({ runs: { ...runs, get: async (id) => runs.get(deleted.has(id) ? "none" : id) } }),
    });
    service = await startDummyServer({ port: 0, log: createJsonLog("dummy", () => undefined) });
  });
  after(async () => {
    await serving.close();
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const dataPath = (name: string): string => join(folder, "data", name);
  let made = 0;
  /** A run whose only node, or its first, names that file; its id. */
  async function runNaming(outputFile: string, { hasLast = false, ...more }: NamingOptions = {}): Promise<string> {
    made += 1;
    const make = { service: "it", input_file: "/data/in", output_file: outputFile };
    const last = { service: "it", input_file: outputFile, output_file: "/data/last" };
    const tree = {
      ...{ workflow_name: "one", service_registry: { it: service.address }, ...more },
      containers: hasLast ? { make: { ...make, next_node: "last" }, last } : { make },
      ...(hasLast ? { start_node: "make" } : {}),
    };
    const body = { definition: { format: "json", text: JSON.stringify(tree) }, run_id: `r${made}` };
    const started = await serving.call("POST", "/runs", body);
    assert.equal(started.status, 201, JSON.stringify(started.body));
    await serving.call("GET", `/runs/r${made}/wait`);
    return `r${made}`;
  }
  const urlOf = (runId: string, query = "", node = "make"): string =>
    `${serving.url}/api/v1/runs/${runId}/nodes/${node}/artifact${query}`;
  const get = (runId: string, headers: Record<string, string> = {}, query = "", method = "GET") =>
    fetch(urlOf(runId, query), { headers, method });

  function write(name: string, content: string): void {
    writeFileSync(dataPath(name), content);
    utimesSync(dataPath(name), 1_700_000_000, 1_700_000_000);
  }

  it("are sent as they are, to be saved and never to be run", async () => {
    write("o'ut (1).csv", CSV);
    const runId = await runNaming("/data/o'ut (1).csv");
    const response = await get(runId);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), CSV);
    const headers = Object.fromEntries(response.headers);
    assert.equal(headers["content-type"], "text/csv; charset=utf-8");
    assert.equal(headers["content-length"], String(CSV.length));
    assert.equal(headers["content-disposition"], "attachment; filename*=UTF-8''o%27ut%20%281%29.csv");
    assert.equal(headers["content-security-policy"], "sandbox; default-src 'none'");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["last-modified"], "Tue, 14 Nov 2023 22:13:20 GMT");
    assert.equal(headers["busbar-changed"], "false");
    const head = await get(runId, {}, "", "HEAD");
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), String(CSV.length));
    assert.equal(head.headers.get("etag"), headers.etag);
    assert.equal(await head.text(), "");
  });

  it("of a node that another run has done are that run's, and not found once it is deleted", async () => {
    write("kept.txt", "kept");
    const source = await runNaming("/data/kept.txt", { hasLast: true });
    const params = { run_id: `${source}-again`, from: ["last"] };
    assert.equal((await serving.call("POST", `/runs/${source}/rerun`, params)).status, 201);
    assert.equal((await serving.call("GET", `/runs/${params.run_id}/wait`)).body.end.type, "run.succeeded");
    assert.equal(await (await get(params.run_id)).text(), "kept");
    deleted.add(source);
    const { status, body } = await serving.call("GET", `/runs/${params.run_id}/nodes/make/artifact`);
    assert.deepEqual([status, body.code], [404, "ARTIFACT_NOT_FOUND"]);
    assert.match(body.detail, new RegExp(`^make has its output from run ${source}, which was deleted`));
    assert.deepEqual((await serving.call("GET", `/runs/${source}/nodes/make/artifact`)).body.code, "RUN_NOT_FOUND");
  });

  it("are known again by their tag, and given in parts", async () => {
    write("parts.txt", "0123456789");
    const runId = await runNaming("/data/parts.txt");
    const etag = (await get(runId)).headers.get("etag") ?? "";
    for (const known of [etag, `"x", W/${etag}`, "*"]) {
      const response = await get(runId, { "if-none-match": known });
      assert.deepEqual([response.status, await response.text()], [304, ""]);
    }
    for (const [range, text, which] of [
      ["bytes=0-3", "0123", "bytes 0-3/10"],
      ["bytes=4-", "456789", "bytes 4-9/10"],
      ["bytes=-3", "789", "bytes 7-9/10"],
      ["bytes=8-99", "89", "bytes 8-9/10"],
      ["bytes=-99", "0123456789", "bytes 0-9/10"],
    ] as const) {
      const response = await get(runId, { range, "if-range": etag });
      assert.deepEqual([response.status, response.headers.get("content-range")], [206, which]);
      assert.equal(await response.text(), text);
    }
    for (const range of ["bytes=1-2,4-5", "bytes=5-2", "bytes=-", "rows=1-2", "bytes=1e3-", "bytes=0x1-2"]) {
      const response = await get(runId, { range });
      assert.deepEqual([response.status, await response.text()], [200, "0123456789"], range);
    }
    const head = await get(runId, { range: "bytes=0-3" }, "", "HEAD");
    assert.deepEqual([head.status, head.headers.get("content-length")], [200, "10"]);
    const other = await get(runId, { range: "bytes=0-3", "if-range": '"other"' });
    assert.deepEqual([other.status, await other.text()], [200, "0123456789"]);
    for (const range of ["bytes=10-", "bytes=-0"]) {
      const response = await get(runId, { range });
      assert.deepEqual([response.status, response.headers.get("content-range")], [416, "bytes */10"]);
      assert.equal(((await response.json()) as { status: number }).status, 416);
    }
  });

  it("are given by rows, with their header and the number of rows", async () => {
    write("rows.csv", CSV);
    const runId = await runNaming("/data/rows.csv");
    for (const [rows, text, which] of [
      ["1-1", "1,a\r\n", "1-1/*"],
      ["2-3", '2,"b\r\nb"\r\n3,c\r\n', "2-3/3"],
      ["3-10000", "3,c\r\n", "3-3/3"],
      ["4-5", "", "*/3"],
    ] as const) {
      const response = await get(runId, { range: "bytes=0-1" }, `?rows=${rows}`);
      assert.deepEqual([response.status, response.headers.get("busbar-rows")], [200, which]);
      assert.equal(await response.text(), `n,text\r\n${text}`);
    }
    for (const rows of ["0-1", "2-1", "1-10001", "1", "a-b", "1-2-3", "-1"]) {
      const response = await get(runId, {}, `?rows=${rows}`);
      assert.equal(response.status, 400, rows);
    }
    write("rows.pb", "x");
    const other = await get(await runNaming("/data/rows.pb"), {}, "?rows=1-2");
    assert.equal(((await other.json()) as { code: string }).code, "ARTIFACT_NO_ROWS");
  });

  it("are nothing but regular files beneath what the server was given", async () => {
    writeFileSync(join(folder, "secret"), "secret");
    symlinkSync(join(folder, "secret"), dataPath("link"));
    symlinkSync(folder, dataPath("up"));
    mkdirSync(dataPath("folder"));
    const params = { params: { name: { type: "string", default: "../../secret" } } };
    for (const [path, status] of [
      ["/data/link", 403],
      ["/data/up/secret", 403],
      ["/data/../secret", 403],
      ["/data/folder", 403],
      ["/etc/passwd", 403],
      ["/data/${params.name}", 403],
      ["/data/none", 404],
    ] as const) {
      const response = await get(await runNaming(path, params));
      const text = await response.text();
      assert.equal(response.status, status, path);
      assert.ok(!text.includes(folder) && !text.includes("root:"), text);
    }
    for (const [runId, node] of [
      ["r1", "none"],
      ["r1", "..%2f..%2fsecret"],
      ["r999", "make"],
    ] as const) {
      assert.equal((await fetch(urlOf(runId, "", node))).status, 404);
    }
  });

  it("of a node that has not succeeded are none; of one that a rerun keeps they are the other run's", async () => {
    write("kept.txt", "kept");
    const tree = {
      ...{ workflow_name: "two", service_registry: { it: service.address }, start_node: "make" },
      containers: {
        make: { service: "it", input_file: "/data/in", output_file: "/data/kept.txt", next_node: "use" },
        use: { service: "it", input_file: "/data/kept.txt", output_file: "/data/none" },
      },
    };
    await serving.call("POST", "/runs", {
      definition: { format: "json", text: JSON.stringify(tree) },
      run_id: "first",
    });
    await serving.call("GET", "/runs/first/wait");
    await serving.call("POST", "/runs/first/rerun", { run_id: "again", from: ["use"] });
    await serving.call("GET", "/runs/again/wait");
    assert.equal((await serving.call("GET", "/runs/again")).body.nodes[0].reused_from, "first");
    assert.equal(await (await get("again")).text(), "kept");
    const gone = await runNaming("/data/kept.txt", { service_registry: { it: "127.0.0.1:1" } });
    const response = await get(gone);
    assert.equal(response.status, 404);
    assert.match(((await response.json()) as { detail: string }).detail, /only what has succeeded has made a file/);
  });

  it("are told to be another's where they were written to after the run", async () => {
    write("later.txt", "later");
    const runId = await runNaming("/data/later.txt");
    utimesSync(dataPath("later.txt"), Date.now() / 1000 + 100, Date.now() / 1000 + 100);
    const response = await get(runId);
    assert.equal(response.headers.get("busbar-changed"), "true");
    assert.match(response.headers.get("etag") ?? "", /^W\//);
    await response.text();
  });

  it("that shrink while they are read end with the connection, never with a whole answer", async () => {
    write("shrinks.txt", "x".repeat(32 * 1024 * 1024));
    const runId = await runNaming("/data/shrinks.txt");
    const error = await new Promise<Error | undefined>((resolve) => {
      request(urlOf(runId), (response) => {
        response.once("data", () => {
          truncateSync(dataPath("shrinks.txt"), 1);
          response.resume();
        });
        response.once("error", resolve);
        response.once("end", () => resolve(undefined));
      }).end();
    });
    assert.match(error?.message ?? "it ended well", /aborted/);
    assert.equal((await get(runId)).headers.get("content-length"), "1");
  });

  it("do not hold up the end of the server, where somebody asks for them and does not read", async () => {
    const own = await startServing(undefined, { dataDirs: [{ prefix: "/data", dir: join(folder, "data") }] });
    writeFileSync(dataPath("large.bin"), Buffer.alloc(64 * 1024 * 1024));
    const tree = {
      ...{ workflow_name: "one", service_registry: { it: service.address } },
      containers: { make: { service: "it", input_file: "/data/in", output_file: "/data/large.bin" } },
    };
    await own.call("POST", "/runs", { definition: { format: "json", text: JSON.stringify(tree) }, run_id: "large" });
    await own.call("GET", "/runs/large/wait");
    const begun = Promise.withResolvers<void>();
    // It takes nothing of what it is sent, so that it would not hear of the end either.
    const reader = request(`${own.url}/api/v1/runs/large/nodes/make/artifact`, () => begun.resolve());
    reader.on("error", () => undefined);
    reader.end();
    await begun.promise;
    await own.close();
    reader.destroy();
  });
});
