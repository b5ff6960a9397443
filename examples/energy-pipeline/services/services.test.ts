// The three services over real gRPC, against the files of the original system.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { ProcessedDataReportSchema } from "../../../src/gen/energy_pipeline_pb.ts";
import { createJsonLog, type RunningService } from "../../../src/service/index.ts";
import { createServiceClient, type ServiceClient } from "../../../src/testing/service-client.ts";
import { startServices } from "./start.ts";

const seed = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/seed/${name}`, import.meta.url));
const HEADER = "timestamp,household_id,power_consumption,voltage,current\n";

describe("the services of the energy pipeline", () => {
  let root = "";
  let services: readonly RunningService[] = [];
  let clients: readonly ServiceClient[] = [];
  let log: { level: string; message: string; service: string }[] = [];

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "busbar-energy-"));
    log = [];
    const collect = (line: string) => void log.push(JSON.parse(line));
    services = await startServices({
      dataRoot: root,
      portBase: 0,
      signals: [],
      log: (name) => createJsonLog(name, collect),
    });
    clients = services.map((service) => createServiceClient(service.address));
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    await Promise.all(services.map((service) => service.close(0)));
    rmSync(root, { recursive: true, force: true });
  });

  const put = (name: string, content: string | Buffer) => writeFileSync(join(root, name), content);
  const get = (name: string) => readFileSync(join(root, name));
  async function call(index: 0 | 1 | 2, input: string, output: string) {
    const response = await clients[index]?.execute(input, output);
    return [response?.success, response?.message];
  }
  const generate = (input: string, output: string) => call(0, input, output);
  const analyze = (input: string, output: string) => call(1, input, output);
  const report = (input: string, output: string) => call(2, input, output);

  it("make the files of the original, byte for byte, and answer in its words", async () => {
    assert.deepEqual(
      [
        await generate("placeholder_input.txt", "energy_data.csv"),
        await analyze("energy_data.csv", "analysis_output.pb"),
        await report("analysis_output.pb", "energy_report.csv"),
      ],
      [
        [true, "Successfully generated synthetic data to energy_data.csv"],
        [true, "Successfully analyzed 10 records and saved to analysis_output.pb"],
        [true, "Successfully generated report with 10 records to energy_report.csv"],
      ],
    );
    for (const name of ["energy_data.csv", "analysis_output.pb", "energy_report.csv"]) {
      assert.deepEqual(get(name), readFileSync(seed(`phase2/${name}`)), name);
    }
    assert.equal(readdirSync(root).length, 3);
  });

  it("take absolute paths inside the data root, and make folders", async () => {
    const path = join(root, "deep", "er", "a.csv");
    assert.deepEqual(await generate(join(root, "none"), path), [
      true,
      `Successfully generated synthetic data to ${path}`,
    ]);
    assert.deepEqual(readFileSync(path), readFileSync(seed("phase2/energy_data.csv")));
  });

  it("say which input is missing, each under its own name, and write nothing", async () => {
    assert.deepEqual(await analyze("none.csv", "out.pb"), [
      false,
      "[Analyzer] Failed to execute: Input file not found: none.csv",
    ]);
    assert.deepEqual(await report("none.pb", "out.csv"), [
      false,
      "[Reporter] Failed to execute: Input file not found: none.pb",
    ]);
    assert.deepEqual(readdirSync(root), []);
  });

  it("refuse paths outside the data root, for input and output, and write nothing", async () => {
    const outside = join(root, "..", `${Date.now()}-outside`);
    put("in.csv", HEADER);
    for (const [index, label] of [
      [0, "Generator"],
      [1, "Analyzer"],
      [2, "Reporter"],
    ] as const) {
      for (const [input, output] of [
        ["in.csv", outside],
        [outside, "out"],
        ["in.csv", "../outside"],
        ["../in.csv", "out"],
      ] as const) {
        const [success, message] = await call(index, input, output);
        assert.equal(success, false);
        assert.match(
          String(message),
          new RegExp(
            `^\\[${label}\\] Failed to execute: .* is outside DATA_ROOT .*; to run the original's files start the services with DATA_ROOT=/data$`,
          ),
        );
      }
    }
    assert.deepEqual(readdirSync(root), ["in.csv"]);
    assert.equal(existsSync(outside), false);
  });

  it("refuse an input that is a folder", async () => {
    mkdirSync(join(root, "folder"));
    const [success, message] = await generate("folder", "out.csv");
    assert.deepEqual([success, message], [false, "[Generator] Failed to execute: Input is not a file: folder"]);
  });

  it("skip the two bad rows of the sample readings, name them in the log, and see an anomaly in all others", async () => {
    put("meter.csv", readFileSync(seed("meter_readings.csv")));
    assert.deepEqual(await generate("meter.csv", "energy_data.csv"), [
      true,
      "Successfully passed on 20 readings to energy_data.csv",
    ]);
    assert.deepEqual(get("energy_data.csv"), readFileSync(seed("meter_readings.csv")));
    assert.deepEqual(await analyze("energy_data.csv", "out.pb"), [
      true,
      "Successfully analyzed 18 records and saved to out.pb (skipped 2)",
    ]);
    const result = fromBinary(ProcessedDataReportSchema, get("out.pb"));
    assert.equal(result.skippedRows, 2);
    assert.ok(result.processed.every((entry) => entry.anomalyDetected && entry.status === ""));
    assert.deepEqual(
      log.filter(({ level }) => level === "WARNING").map(({ message, service }) => `${service}: ${message}`),
      [
        "energy-analyzer: line 5 skipped: household_id is empty",
        "energy-analyzer: line 12 skipped: household_id is empty",
      ],
    );
  });

  it("pass on the text of each field byte for byte, columns put in order, extra ones left out", async () => {
    put(
      "odd.csv",
      Buffer.from(
        '\ufeffcurrent,note,household_id,voltage,timestamp,power_consumption\r\n 5.10 ,x,"H,1 ""a""",0230,"a\nb",+1.0E2\r\n\xe9,y,,"quoted",t,\r\n',
        "utf8",
      ),
    );
    assert.equal((await generate("odd.csv", "out.csv"))[0], true);
    assert.equal(get("out.csv").toString("utf8"), `${HEADER}"a\nb","H,1 ""a""",+1.0E2,0230, 5.10 \nt,,,quoted,\xe9\n`);
    put(
      "bytes.csv",
      Buffer.concat([Buffer.from(HEADER), Buffer.from([0x74, 0xff, 0x2c, 0x68, 0x2c, 0x2c, 0x2c, 0x0a])]),
    );
    await generate("bytes.csv", "bytes-out.csv");
    assert.ok(get("bytes-out.csv").includes(Buffer.from([0x74, 0xff, 0x2c])));
  });

  it("name the columns that are missing", async () => {
    put("in.csv", "timestamp,household_id,voltage\n");
    assert.deepEqual(await generate("in.csv", "out.csv"), [
      false,
      "[Generator] Failed to execute: Missing columns: power_consumption, current",
    ]);
    put("empty.csv", "");
    assert.match(String((await analyze("empty.csv", "out.pb"))[1]), /Missing columns: timestamp, /);
    assert.deepEqual(readdirSync(root), ["empty.csv", "in.csv"]);
  });

  it("skip rows that are not usable, with the reason and the line they begin at", async () => {
    const rows = [
      "t,h,1,2,3",
      "t,h,1,2",
      ",h,1,2,3",
      "t, ,1,2,3",
      't,"h\n2",1,2,3',
      "t,h,one,2,3",
      "t,h,1,0.0,3",
      "t,h,1,2,-0",
      "t,h,1,2e,3",
      "t,h,1e999,2,3",
      "t,h,1e39,1e39,3",
      "t,h,1,1e-300,1e-300",
      "",
      "t,h, 1\t,2,3,extra",
    ];
    put("in.csv", HEADER + rows.join("\n"));
    assert.deepEqual(await analyze("in.csv", "out.pb"), [
      true,
      "Successfully analyzed 3 records and saved to out.pb (skipped 10)",
    ]);
    assert.deepEqual(
      log.filter(({ level }) => level === "WARNING").map(({ message }) => message),
      [
        "line 3 skipped: current is missing",
        "line 4 skipped: timestamp is empty",
        "line 5 skipped: household_id is empty",
        "line 8 skipped: power_consumption is not a number",
        "line 9 skipped: voltage is zero",
        "line 10 skipped: current is zero",
        "line 11 skipped: voltage is not a number",
        "line 12 skipped: power_consumption is too large",
        "line 13 skipped: power_consumption is too large",
        "line 14 skipped: power is too large for voltage times current",
      ],
    );
  });

  it("skip a name that is no UTF-8, which a protobuf string cannot hold", async () => {
    put("in.csv", Buffer.concat([Buffer.from(`${HEADER}t,é,1,2,3\nt,`), Buffer.from([0xff]), Buffer.from(",1,2,3\n")]));
    assert.match(String((await analyze("in.csv", "out.pb"))[1]), /1 records .*\(skipped 1\)$/);
    assert.equal(fromBinary(ProcessedDataReportSchema, get("out.pb")).processed[0]?.householdId, "é");
  });

  it("print power as the 32-bit float it became, in Python's notation, and quote names where they need it", async () => {
    put("in.csv", `${HEADER}t,"a,b",1e20,1e20,1\nt,h,0.00001,1,1\nt,h,-0,1,1\n`);
    await analyze("in.csv", "out.pb");
    assert.deepEqual(await report("out.pb", "out.csv"), [
      true,
      "Successfully generated report with 3 records to out.csv",
    ]);
    assert.equal(
      get("out.csv").toString(),
      "timestamp,household_id,power,efficiency,anomaly_detected\n" +
        't,"a,b",1.0000000200408773e+20,1.0,False\n' +
        "t,h,9.999999747378752e-06,0.0,True\n" +
        "t,h,-0.0,-0.0,True\n",
    );
  });

  it("refuse a report file that is damaged, and leave an older report as it was", async () => {
    put("out.csv", "old");
    put("in.pb", readFileSync(seed("phase2/analysis_output.pb")).subarray(0, 100));
    assert.match(
      String((await report("in.pb", "out.csv"))[1]),
      /^\[Reporter\] Failed to execute: Input is not a ProcessedDataReport/,
    );
    assert.equal(get("out.csv").toString(), "old");
    assert.deepEqual(readdirSync(root), ["in.pb", "out.csv"]);
  });

  it("leave nothing behind when the caller cancels in the middle", { timeout: 60_000 }, async () => {
    put("in.csv", HEADER + "t,h,1,2,3\n".repeat(200_000));
    const controller = new AbortController();
    const cancelled = clients[1]?.execute("in.csv", "out.pb", { signal: controller.signal }) ?? Promise.resolve();
    const rejected = assert.rejects(cancelled, { code: 1 });
    while (readdirSync(root).length < 2) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await rejected;
    while (!log.some(({ message }) => message.startsWith("abandoned")))
      await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(readdirSync(root), ["in.csv"]);
  });
});
