// Interop with a real Python grpcio peer, both ways, on messages written by hand from the wire contract.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { status } from "@grpc/grpc-js";
import { startServices } from "../examples/energy-pipeline/services/start.ts";
import { createJsonLog, createRpcError } from "../src/service/index.ts";
import { requireGrpcioPython } from "../src/testing/python.ts";
import { createServiceClient, type ServiceClient } from "../src/testing/service-client.ts";
import { startForTest } from "../src/testing/started-service.ts";

const python = requireGrpcioPython();
const command = python.found ? python.peer : "";
const script = (name: string) => fileURLToPath(new URL(`python/${name}`, import.meta.url));
const seed = (name: string) => readFileSync(new URL(`fixtures/seed/phase2/${name}`, import.meta.url));
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe("a Python grpcio client", { concurrency: false }, () => {
  async function startOurs() {
    const root = mkdtempSync(join(tmpdir(), "busbar-interop-"));
    cleanups.push(() => rmSync(root, { recursive: true, force: true }));
    const log = (name: string) => createJsonLog(name, () => undefined);
    const services = await startServices({ dataRoot: root, portBase: 0, signals: [], log });
    cleanups.push(() => Promise.all(services.map((service) => service.close(0))));
    const call = async (index: number, input: string, output: string) => {
      const args = [script("client.py"), services[index]?.address ?? "", input, output];
      return JSON.parse((await promisify(execFile)(command, args, { env })).stdout);
    };
    return { root, call };
  }
  const health = { "": 1, ContainerExecutor: 1 };

  for (const [unit, times] of [
    ["x", 8_000],
    ["x", 100_000],
    ["\u00e9", 20_000],
    ["\u{1f600}\n% ", 50_000],
  ] as const) {
    const says = `${times} times ${JSON.stringify(unit)}`;
    it(`hears the status and when to come back, however much is said: ${says}`, { skip: python.skip }, async (test) => {
      const { service } = await startForTest(test, () => {
        const error = createRpcError("UNAVAILABLE", unit.repeat(times), { retryAfterMs: 250 });
        error.metadata.set("x-own", "y".repeat(5000));
        throw error;
      });
      const args = [script("client.py"), service.address, "a", "b"];
      const heard = JSON.parse((await promisify(execFile)(command, args, { env })).stdout);
      assert.deepEqual([heard.code, heard.retry_after], ["UNAVAILABLE", "250"]);
      const [, kept = ""] = /^(.*)\u2026\[\+\d+ bytes\]$/s.exec(heard.details) ?? [];
      assert.ok(kept.length > 300 && unit.repeat(times).startsWith(kept), heard.details);
    });
  }

  it("hears of a success however long it is told", { skip: python.skip }, async (test) => {
    const { service } = await startForTest(test, () => "\u00e9".repeat(3_000_000));
    const args = [script("client.py"), service.address, "a", "b"];
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    const heard = JSON.parse((await promisify(execFile)(command, args, options)).stdout);
    assert.equal(heard.success, true);
    assert.match(heard.message, /^\u00e9+\u2026\[\+\d+ bytes\]$/);
  });

  it("runs the whole pipeline on our services, and asks their health", { skip: python.skip }, async () => {
    const { root, call } = await startOurs();
    assert.deepEqual(await call(0, "placeholder_input.txt", "energy_data.csv"), {
      health,
      success: true,
      message: "Successfully generated synthetic data to energy_data.csv",
    });
    assert.deepEqual(await call(1, "energy_data.csv", "analysis_output.pb"), {
      health,
      success: true,
      message: "Successfully analyzed 10 records and saved to analysis_output.pb",
    });
    assert.deepEqual(await call(2, "analysis_output.pb", "energy_report.csv"), {
      health,
      success: true,
      message: "Successfully generated report with 10 records to energy_report.csv",
    });
    for (const name of ["energy_data.csv", "analysis_output.pb", "energy_report.csv"]) {
      assert.deepEqual(readFileSync(join(root, name)), seed(name), name);
    }
  });

  it("hears of a failure as success = false", { skip: python.skip }, async () => {
    const { call } = await startOurs();
    assert.deepEqual(await call(1, "caf\u00e9.csv", "out.pb"), {
      health,
      success: false,
      message: "[Analyzer] Failed to execute: Input file not found: caf\u00e9.csv",
    });
  });
});

describe("a Python grpcio service", { concurrency: false }, () => {
  it("answers our call, and gets the paths and the metadata as they are", { skip: python.skip }, async () => {
    const { client, nextLine } = await startTheirs();
    const metadata = { "idempotency-key": "run-1/caf%C3%A9/1", "x-busbar-node": "caf%C3%A9" };
    const response = await client.execute("/data/../caf\u00e9.csv", "b c", { metadata });
    assert.deepEqual([response.success, response.message], [true, "Python processed /data/../caf\u00e9.csv to b c"]);
    const seen = JSON.parse(await nextLine());
    assert.deepEqual([seen.input_file, seen.output_file], ["/data/../caf\u00e9.csv", "b c"]);
    for (const [key, value] of Object.entries(metadata)) assert.equal(seen.metadata[key], value);
  });

  it("fails in its three ways: an answer, an exception, a status", { skip: python.skip }, async () => {
    const { client } = await startTheirs();
    const response = await client.execute("fail", "b");
    assert.deepEqual([response.success, response.message], [false, "[Python] Failed to execute: as asked"]);
    await assert.rejects(client.execute("raise", "b"), { code: status.UNKNOWN });
    await assert.rejects(client.execute("abort", "b"), { code: status.RESOURCE_EXHAUSTED, details: "too much" });
  });

  it("notices that the caller has cancelled", { skip: python.skip }, async () => {
    const { client, nextLine } = await startTheirs();
    const controller = new AbortController();
    const rejected = assert.rejects(client.execute("sleep", "b", { signal: controller.signal }), {
      code: status.CANCELLED,
    });
    await nextLine();
    controller.abort();
    await rejected;
    assert.deepEqual(JSON.parse(await nextLine()), { abandoned: true });
  });

  it("answers health where it has it, and UNIMPLEMENTED where it has not", { skip: python.skip }, async () => {
    assert.equal((await (await startTheirs("--health")).client.check("")).status, 1);
    await assert.rejects((await startTheirs()).client.check(""), { code: status.UNIMPLEMENTED });
  });
});

describe("busbar run with a Python grpcio service", () => {
  const bin = fileURLToPath(new URL("../src/cli/bin.ts", import.meta.url));

  it("passes preflight without health or reflection, calls with our metadata, and ends as the service says", {
    skip: python.skip,
  }, async () => {
    const { address, nextLine } = await startTheirs();
    const folder = mkdtempSync(join(tmpdir(), "busbar-interop-"));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "workflow.json");
    const workflow = {
      workflow_name: "interop",
      start_node: "caf\u00e9",
      service_registry: { "caf\u00e9": address, last: address },
      containers: {
        "caf\u00e9": { input_file: "/data/in", output_file: "b c", next_node: "last" },
        last: { input_file: "fail", output_file: "d" },
      },
    };
    writeFileSync(file, JSON.stringify(workflow));

    const args = [bin, "run", file, "--json", "--run-id", "interop-1", "--state-dir", join(folder, "state")];
    const run = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const [out, err, [code]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, "exit")]);

    assert.equal(code, 1, err);
    const first = JSON.parse(await nextLine());
    assert.deepEqual([first.input_file, first.output_file], ["/data/in", "b c"]);
    assert.equal(first.metadata["x-busbar-run-id"], "interop-1");
    assert.equal(first.metadata["x-busbar-node"], "caf%C3%A9");
    assert.equal(first.metadata["x-busbar-attempt"], "1");
    assert.equal(first.metadata["idempotency-key"], "interop-1/caf%C3%A9/1");
    assert.match(first.metadata.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const ends = events.filter(({ type }) => ["node.succeeded", "node.failed", "run.failed"].includes(type));
    assert.deepEqual(
      ends.map(({ type, node_id }) => [type, node_id]),
      [
        ["node.succeeded", "caf\u00e9"],
        ["node.failed", "last"],
        ["run.failed", undefined],
      ],
    );
    assert.match(ends[1].error.message, /\[Python\] Failed to execute: as asked/);
  });
});

/** A Python service on a free port. */
async function startTheirs(...args: string[]) {
  const child = spawn(command, [script("service.py"), ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  cleanups.push(() => stop(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => (await lines.next()).value ?? "";
  const address = (await nextLine()).replace(/^READY /, "");
  const client: ServiceClient = createServiceClient(address);
  cleanups.push(() => client.close());
  return { address, client, nextLine };
}

/** The service stops when its stdin closes. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  await exited;
}
