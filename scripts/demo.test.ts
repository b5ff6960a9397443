// The demo as a person runs it, through the built command line.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./built.ts";

const script = fileURLToPath(new URL("demo.ts", import.meta.url));
const seed = (name: string) => fileURLToPath(new URL(`../test/fixtures/seed/${name}`, import.meta.url));

describe("npm run demo", () => {
  let folder = "";
  let data = "";
  before(() => {
    ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), "busbar-demo-"));
    data = join(folder, "data");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function start(...args: string[]) {
    const own = ["--data-root", data, "--state-dir", join(folder, "state")];
    const child = spawn(process.execPath, [script, ...own, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { child, ended: ended.then(([out, err, [code]]) => ({ out, err, code })) };
  }
  const run = (...args: string[]) => start(...args).ended;

  it("makes the three files of the original, shows the report, and leaves nothing running", async () => {
    const { out, err, code } = await run();
    assert.equal(code, 0, err);
    for (const name of ["energy_data.csv", "analysis_output.pb", "energy_report.csv"]) {
      assert.deepEqual(readFileSync(join(data, name)), readFileSync(seed(`phase2/${name}`)), name);
      assert.ok(out.includes(join(data, name)), `${name} is named`);
    }
    assert.match(out, /^10 readings, 7 anomalies/m);
    assert.equal(out.match(/◄ anomaly/g)?.length, 7);
    assert.match(out, /^Mean power per household\n {2}HH-0 {2}█+ +125$/m);
    await assertNothingListens();
  });

  it("runs on a file of one's own: the sample readings, whose power is in kW", async () => {
    const { out, err, code } = await run("--input", seed("meter_readings.csv"), "--rows", "3");
    assert.equal(code, 0, err);
    assert.deepEqual(readFileSync(join(data, "input", "meter_readings.csv")), readFileSync(seed("meter_readings.csv")));
    assert.match(out, /^18 readings, 18 anomalies \(efficiency below 0\.1\), 2 rows left out$/m);
    assert.match(out, /^Every reading \(18\) lies below 0\.1/m);
    assert.doesNotMatch(out, /◄/);
    assert.match(out, /… 15 more readings/);
    assert.match(out, /line 5 skipped: household_id is empty\n +line 12 skipped: household_id is empty/);
  });

  it("leaves a folder to the demo that writes there, and takes that of one that was killed", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    writeFileSync(join(data, "demo.pid"), String(gone.pid));
    assert.equal((await run()).code, 0);
    assert.equal(existsSync(join(data, "demo.pid")), false);
    writeFileSync(join(data, "demo.pid"), String(process.pid)); // as of one that runs
    const { code, err } = await run();
    assert.equal(code, 1);
    assert.ok(err.startsWith(`another demo (process ${process.pid}) writes to ${data}: `), err);
    rmSync(join(data, "demo.pid"));
  });

  it("copies nothing where the file lies in the data root already", async () => {
    const { out, err, code } = await run("--input", join(data, "input", "meter_readings.csv"));
    assert.equal(code, 0, err);
    assert.match(out, /^18 readings/m);
  });

  it("ends with the reason where the services refuse the file, and shows no report", async () => {
    const bad = join(folder, "bad.csv");
    writeFileSync(bad, "a,b\n1,2\n");
    const { out, err, code } = await run("--input", bad);
    assert.equal(code, 1);
    assert.match(out + err, /Missing columns: timestamp/);
    assert.doesNotMatch(out + err, /busbar resume|Next: /);
    assert.match(err, /cannot be resumed: mend the cause and start the demo again\.\n$/);
    assert.doesNotMatch(out, /Mean power/);
    await assertNothingListens();
  });

  it("says what it understands", async () => {
    assert.match((await run("--help")).out, /--input FILE/);
    const missing = await run("--input", join(folder, "none.csv"));
    assert.deepEqual([missing.code, /cannot read .*none\.csv/.test(missing.err)], [1, true]);
    assert.equal((await run("--rows", "many")).code, 2);
    assert.equal((await run("--inptu", "x")).code, 2);
  });

  it("cancels the run on Ctrl-C, and leaves nothing running and nothing half-written", {
    skip: process.platform === "win32" && "Windows has no signals to send",
    timeout: 60_000,
  }, async () => {
    const large = join(folder, "large.csv");
    writeFileSync(
      large,
      `timestamp,household_id,power_consumption,voltage,current\n${"t,h,1,2,3\n".repeat(3_000_000)}`,
    );
    rmSync(data, { recursive: true });
    const { child, ended } = start("--input", large);
    while (!existsSync(data) || !readdirSync(data).some((name) => name.endsWith(".tmp"))) {
      assert.equal(child.exitCode, null, "it must not end before it is under way");
      await sleep(2);
    }
    child.kill("SIGINT");
    const { out, err, code } = await ended;
    assert.equal(code, 130);
    assert.doesNotMatch(out + err, /Mean power|busbar resume|Next: /);
    assert.deepEqual(readdirSync(data).sort(), ["input", "services.log"]);
    await assertNothingListens();
  });

  /** The services wrote where they listened. */
  async function assertNothingListens(): Promise<void> {
    const log = readFileSync(join(data, "services.log"), "utf8");
    const ports = [...log.matchAll(/listening on 127\.0\.0\.1:(\d+)/g)].map((match) => Number(match[1]));
    assert.equal(ports.length, 3);
    for (const port of ports) assert.equal(await isListening(port), false, `port ${port}`);
  }
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
