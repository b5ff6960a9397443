// The workflow files of the world, as somebody would write them.
import type { WorldServices } from "./services.ts";

/** @returns what the files say, by their names */
export function worldWorkflows({ all, nowhere }: WorldServices): { readonly [fileName: string]: string | object } {
  const addressOf = (name: string): string => all.get(name)?.address ?? "";
  const meters = { meters: addressOf("meters") };
  return {
    "energy.yaml": `# The energy pipeline: readings, analysis, report.
workflow_name: energy_data_pipeline
description: Reads the meters, marks what looks wrong, and writes the report for people.

params:
  data_dir: { description: Folder of the files, default: /data }
  input_file: { description: "Meter readings in data_dir; without them ten synthetic ones are made", default: readings.csv }

start_node: energy-generator

service_registry:
  energy-generator: ${addressOf("energy-generator")}
  energy-analyzer: ${addressOf("energy-analyzer")}
  report-generator: ${addressOf("report-generator")}

defaults:
  retry: { max_attempts: 4, initial_backoff_seconds: 0.25, backoff_multiplier: 1.8 }

containers:
  energy-generator:
    input_file: \${params.data_dir}/\${params.input_file}
    output_file: \${params.data_dir}/energy_data.csv
    next_node: energy-analyzer
  energy-analyzer:
    input_file: \${params.data_dir}/energy_data.csv
    output_file: \${params.data_dir}/analysis_output.pb
    next_node: report-generator
  report-generator:
    input_file: \${params.data_dir}/analysis_output.pb
    output_file: \${params.data_dir}/energy_report.csv
`,
    "energy-slip.yaml": `workflow_name: energy_slip
service_registry:
  energy-generator: localhost:50051
containers:
  energy-generator:
    input_file: readings.csv
    output_file: energy_data.csv
    next_node: energy-analyser
`,
    "tariff-import.json": {
      workflow_name: "tariff_import",
      description: "Fetches the tariffs of a day and writes them where billing reads them.",
      params: {
        day: { description: "The day that is imported, such as 2026-11-26" },
        limit: { type: "integer", default: 500, description: "Tariffs to import at most" },
        margin: { type: "number", default: 0.05, description: "Left out where prices differ by less" },
        dry_run: { type: "boolean", default: false, description: "Writes nothing" },
      },
      concurrency: { max_runs: 1 },
      service_registry: meters,
      defaults: { timeout_seconds: 600 },
      ...chainOf(["fetch-tariffs", "parse", "compare", "store"], "/data/tariffs/${params.day}"),
    },
    "nightly-backup.json": {
      workflow_name: "nightly_backup",
      service_registry: meters,
      defaults: { timeout_seconds: 600 },
      ...chainOf(["freeze", "dump", "copy", "verify", "thaw"], "/data/backup"),
    },
    "weekly-report.json": {
      workflow_name: "weekly_report",
      service_registry: meters,
      defaults: { timeout_seconds: 600 },
      ...chainOf(["collect", "sum-up", "render", "mail"], "/data/weekly"),
    },
    "export.json": {
      workflow_name: "customer_export",
      service_registry: meters,
      defaults: { timeout_seconds: 600 },
      ...chainOf(["gather", "redact", "publish"], "/data/export"),
    },
    "price-lookup.json": {
      workflow_name: "price_lookup",
      start_node: "quote",
      service_registry: meters,
      containers: {
        quote: {
          ...{
            service: "meters",
            input_file: "/data/prices.csv",
            output_file: "/data/quotes.csv",
            timeout_seconds: 0.4,
          },
          retry: { max_attempts: 2, initial_backoff_seconds: 0.2, retryable_status_codes: ["DEADLINE_EXCEEDED"] },
          next_node: "apply",
        },
        apply: { service: "meters", input_file: "/data/quotes.csv", output_file: "/data/applied.csv" },
      },
    },
    "archive.json": {
      workflow_name: "archive_year",
      start_node: "pack",
      service_registry: { ...meters, "tariff-archive": nowhere },
      containers: {
        pack: { service: "meters", input_file: "/data/2025", output_file: "/data/2025.tar", next_node: "archive" },
        archive: { service: "tariff-archive", input_file: "/data/2025.tar", output_file: "/data/2025.receipt" },
      },
    },
    "rollup.json": {
      workflow_name: "nightly_meter_rollup",
      description: "Every site's meters, cleaned, loaded and summed up.",
      start_node: "list-sites",
      on_failure: "continue",
      service_registry: meters,
      defaults: { timeout_seconds: 600, retry: { max_attempts: 1 } },
      containers: rollup(),
    },
  };
}

function chainOf(ids: readonly string[], folder: string): object {
  const nodeOf = (id: string, index: number): object => ({
    service: "meters",
    input_file: `${folder}/${ids[index - 1] ?? "input"}.csv`,
    output_file: `${folder}/${id}.csv`,
    next_node: ids[index + 1] ?? null,
  });
  return { start_node: ids[0], containers: Object.fromEntries(ids.map((id, index) => [id, nodeOf(id, index)])) };
}

const SITES = 96;
const REGIONS = 10;

/** 300 nodes: three for each of 96 sites, ten regions, one before and one behind. */
function rollup(): object {
  const nodes: Record<string, object> = {};
  const add = (id: string, next: readonly string[]): void => {
    nodes[id] = { service: "meters", input_file: `/data/${id}.in`, output_file: `/data/${id}.out`, next_node: next };
  };
  const sites = Array.from({ length: SITES }, (_, index) => String(index + 1).padStart(3, "0"));
  add(
    "list-sites",
    sites.map((site) => `fetch-${site}`),
  );
  for (const [index, site] of sites.entries()) {
    add(`fetch-${site}`, [`clean-${site}`]);
    add(`clean-${site}`, [`load-${site}`]);
    add(`load-${site}`, [`region-${(index % REGIONS) + 1}`]);
  }
  for (let region = 1; region <= REGIONS; region++) add(`region-${region}`, ["publish"]);
  add("publish", []);
  return nodes;
}
