// The program of the service images, as its own process.

import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { findHealthAddress } from "../../../scripts/health-address.ts";
import { createServiceClient } from "../../../src/testing/service-client.ts";
import { until } from "../../../src/testing/until.ts";
import { DEFAULT_PORTS, readListenOn } from "./listen-on.ts";
import { KINDS, SERVICE_NAMES } from "./start.ts";

const script = fileURLToPath(new URL("main.ts", import.meta.url));
const seed = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../test/fixtures/seed/phase2/${name}`, import.meta.url)));
const withoutSignals = process.platform === "win32" && "Windows has no signals to catch";

describe("the program of a service image", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "busbar-main-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function start(service: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return spawn(process.execPath, [script, ...args], {
      env: { ...process.env, SERVICE: service, DATA_ROOT: root, PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
  async function end(child: ChildProcessByStdio<null, Readable, Readable>) {
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { out, err, code };
  }
  const run = (service: string, args: readonly string[], env?: NodeJS.ProcessEnv) => end(start(service, args, env));

  it("does the work of the three once, one after the other, byte for byte as the original", async () => {
    assert.deepEqual(
      [
        await run("energy-generator", ["once"]),
        await run("energy-analyzer", ["once"]),
        await run("report-generator", ["once"]),
      ],
      [
        { out: "Successfully generated synthetic data to energy_data.csv\n", err: "", code: 0 },
        { out: "Successfully analyzed 10 records and saved to analysis_output.pb\n", err: "", code: 0 },
        { out: "Successfully generated report with 10 records to energy_report.csv\n", err: "", code: 0 },
      ],
    );
    assert.deepEqual(readdirSync(root).sort(), ["analysis_output.pb", "energy_data.csv", "energy_report.csv"]);
    for (const name of readdirSync(root)) assert.deepEqual(readFileSync(join(root, name)), seed(name), name);
  });

  it("takes other files from options, then from the environment", async () => {
    writeFileSync(join(root, "in.csv"), seed("energy_data.csv"));
    const env = { INPUT_FILE: "in.csv", OUTPUT_FILE: "not-this.pb" };
    const { out, code } = await run("energy-analyzer", ["once", "--output", join(root, "out.pb")], env);
    assert.deepEqual([out, code], [`Successfully analyzed 10 records and saved to ${join(root, "out.pb")}\n`, 0]);
    assert.deepEqual(readFileSync(join(root, "out.pb")), seed("analysis_output.pb"));
  });

  it("fails with the words of the service on stderr", async () => {
    assert.deepEqual(await run("energy-analyzer", ["once"]), {
      out: "",
      err: "[Analyzer] Failed to execute: Input file not found: energy_data.csv\n",
      code: 1,
    });
    const outside = await run("energy-generator", ["once", "--output", "../energy_data.csv"]);
    assert.match(outside.err, /^\[Generator\] Failed to execute: \.\.\/energy_data\.csv is outside DATA_ROOT /);
    assert.equal(outside.code, 1);
    assert.equal(existsSync(join(root, "..", "energy_data.csv")), false);
  });

  it("serves if it is told nothing else, and stops with 0 on SIGTERM", { skip: withoutSignals }, async () => {
    const child = start("energy-generator", []);
    const ended = once(child, "exit");
    const [ready] = await once(child.stdout, "data");
    const [, name, address = ""] = String(ready).trim().split(" ");
    assert.equal(name, "energy-generator");
    const client = createServiceClient(address);
    assert.equal((await client.execute("none", "energy_data.csv")).success, true);
    client.close();
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  });

  it("has a port of its own where PORT is set to nothing, and the health check asks there", () => {
    const env = (SERVICE: string) => ({ SERVICE, PORT: "", HOST: "" });
    for (const { name } of KINDS) {
      const { host, port } = readListenOn(env(name));
      assert.equal(findHealthAddress(["/app/service.cjs", "serve"], env(name))?.url, `http://${host}:${port}`);
    }
    assert.deepEqual(Object.keys(DEFAULT_PORTS), SERVICE_NAMES);
    assert.equal(new Set(Object.values(DEFAULT_PORTS)).size, KINDS.length);
  });

  it("leaves nothing behind when a signal ends its work", { skip: withoutSignals }, async () => {
    const header = "timestamp,household_id,power_consumption,voltage,current\n";
    writeFileSync(join(root, "energy_data.csv"), header + "t,h,1,2,3\n".repeat(200_000));
    const child = start("energy-analyzer", ["once"]);
    const ended = end(child);
    await until(() => readdirSync(root).length >= 2);
    child.kill("SIGTERM");
    assert.equal((await ended).code, 143);
    assert.deepEqual(readdirSync(root), ["energy_data.csv"]);
  });

  it("says in one line why it cannot serve, and writes nothing else", async (test) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    test.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    for (const [env, reason] of [
      [{ PORT: String(port) }, /^energy-generator cannot listen on 127\.0\.0\.1:\d+: something else .*EADDRINUSE.*\n$/],
      [
        { HOST: "192.0.2.1" },
        /^energy-generator cannot listen on 192\.0\.2\.1:0: this machine has no such address .*\n$/,
      ],
      [{ HOST: "nowhere.invalid" }, /^energy-generator cannot listen on nowhere\.invalid:0: no address is known .*\n$/],
      [{ HOST: "localhost:50051" }, /^options\.host must be a host name or an IP address, without a port, not .*\n$/],
    ] as const) {
      const { out, err, code } = await run("energy-generator", [], env);
      assert.match(err, reason);
      assert.deepEqual([out, code], ["", 1]);
    }
  });

  it("refuses what it does not know", async () => {
    assert.match((await run("energy-analyser", [])).err, /SERVICE is not one of energy-generator, energy-analyzer/);
    assert.match((await run("energy-analyzer", ["twice"])).err, /not known here: twice/);
    assert.match((await run("energy-analyzer", ["--input", "x"])).err, /--input and --output belong to once/);
    for (const PORT of ["http", "65536", "-1", " 7", "1e3"]) {
      const refused = await run("energy-analyzer", ["serve"], { PORT });
      assert.deepEqual(refused, { out: "", err: `PORT is a number from 0 to 65535, not "${PORT}"\n`, code: 2 });
    }
    assert.match((await run("energy-analyzer", ["--help"])).out, /^Usage: serve /);
  });
});
