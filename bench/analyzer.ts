// The three reference services on a large file: rows a second and peak memory of each, one process a service.
// Usage: node bench/analyzer.ts [--rows 1000000] [--json]   Exits 1 where a service takes more memory than it may.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { startServices } from "../examples/energy-pipeline/services/start.ts";
import { createSeededRandom } from "../src/kernel/random.ts";
import { createJsonLog, writeWholeFile } from "../src/service/index.ts";
import { createServiceClient } from "../src/testing/service-client.ts";

/** What the services promise for a million rows. */
const MAX_RSS_MB = 256;

export interface ServiceMeasurement {
  readonly service: string;
  readonly rows: number;
  readonly seconds: number;
  readonly rows_per_second: number;
  /** Peak resident memory of the service's process, by the operating system. */
  readonly max_rss_mb: number;
  readonly message: string;
}

const STEPS = [
  ["energy-generator", "readings.csv", "energy_data.csv"],
  ["energy-analyzer", "energy_data.csv", "analysis_output.pb"],
  ["report-generator", "analysis_output.pb", "energy_report.csv"],
] as const;

/**
 * Runs the pipeline on seeded readings, one row in 100 not usable.
 * @param options.heapMb limits the JavaScript heap of each service
 */
export async function measureServices(options: {
  readonly rows: number;
  readonly heapMb?: number;
}): Promise<readonly ServiceMeasurement[]> {
  const root = mkdtempSync(join(tmpdir(), "busbar-bench-"));
  try {
    await writeReadings(join(root, "readings.csv"), options.rows);
    const measured: ServiceMeasurement[] = [];
    for (const [service, input, output] of STEPS) {
      const child = startChild(service, root, options.heapMb);
      try {
        measured.push(await measure(child, service, options.rows, input, output));
      } finally {
        await stop(child);
      }
    }
    return measured;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

type Child = ReturnType<typeof startChild>;

function startChild(service: string, root: string, heapMb: number | undefined) {
  const heap = heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`];
  return spawn(process.execPath, [...heap, import.meta.filename, "--serve", service, "--root", root], {
    stdio: ["pipe", "pipe", "pipe"],
  });
}

async function measure(child: Child, service: string, rows: number, input: string, output: string) {
  const words = text(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${service} ended: ${await words}`);
    return value;
  };
  const client = createServiceClient(await nextLine());
  try {
    const started = performance.now();
    const response = await client.execute(input, output, { timeoutMs: 300_000 });
    const seconds = (performance.now() - started) / 1000;
    if (!response.success) throw new Error(response.message);
    client.close();
    child.stdin.end();
    return {
      service,
      rows,
      seconds,
      rows_per_second: Math.round(rows / seconds),
      max_rss_mb: Number(await nextLine()),
      message: response.message,
    };
  } finally {
    client.close();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  await exited;
}

async function writeReadings(path: string, rows: number): Promise<void> {
  const random = createSeededRandom(1);
  await writeWholeFile(path, async (file) => {
    let lines = "timestamp,household_id,power_consumption,voltage,current\n";
    for (let i = 0; i < rows; i++) {
      const time = new Date(Date.UTC(2025, 0, 1) + i * 1000).toISOString();
      const voltage = (220 + 20 * random.next()).toFixed(1);
      const power = i % 100 === 99 ? "n/a" : (2000 * random.next()).toFixed(2);
      lines += `${time},HH-${i % 50},${power},${voltage},${(10 * random.next() + 0.01).toFixed(3)}\n`;
      if (lines.length > 32_768) {
        await file.write(lines);
        lines = "";
      }
    }
    await file.write(lines);
  });
}

/** In a child: one service until stdin closes; says its address first and its peak memory last. */
async function serveOne(name: string, dataRoot: string): Promise<void> {
  const log = (service: string) => createJsonLog(service, () => undefined);
  const [service] = await startServices({ dataRoot, portBase: 0, names: [name], signals: [], log });
  process.stdout.write(`${service?.address}\n`);
  await text(process.stdin);
  await service?.close(0);
  process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "1000000" },
      json: { type: "boolean", default: false },
      serve: { type: "string" },
      root: { type: "string" },
    },
  });
  if (values.serve !== undefined && values.root !== undefined) {
    await serveOne(values.serve, values.root);
    return;
  }
  const measured = await measureServices({ rows: Number(values.rows) });
  if (values.json) process.stdout.write(`${JSON.stringify(measured)}\n`);
  for (const one of values.json ? [] : measured) {
    const speed = `${one.rows_per_second.toLocaleString("en-US")} rows/s`;
    process.stdout.write(
      `${one.service.padEnd(17)} ${speed.padStart(18)}  ${one.seconds.toFixed(2)} s  peak ${one.max_rss_mb} MB  ${one.message}\n`,
    );
  }
  if (measured.some((one) => one.max_rss_mb > MAX_RSS_MB)) {
    process.stderr.write(`a service took more than ${MAX_RSS_MB} MB\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
