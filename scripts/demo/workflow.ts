/** What the demo's workflow is called. */
export const WORKFLOW = "energy_data_pipeline";

/**
 * The energy pipeline for a server: where its services are is written into it, and each run can have a folder of its own.
 * @param addresses of the services, by their names
 * @param input readings in the data root; without them ten synthetic ones are made
 */
export function pipelineText(addresses: Readonly<Record<string, string>>, input = "none.csv"): string {
  const registry = Object.entries(addresses).map(([name, address]) => `  ${name}: ${address}`);
  return `# The energy pipeline: readings, analysis, report. Written by \`npm run demo -- --serve\`.
workflow_name: ${WORKFLOW}
description: Reads the meters of some households, marks what looks wrong, and writes a report.

params:
  input_file:
    description: Meter readings, below the data root of the services; without such a file ten synthetic ones are made
    default: ${JSON.stringify(input)}
  output_dir:
    description: Folder of the files that the run makes, below the same root
    default: latest

start_node: energy-generator

service_registry:
${registry.join("\n")}

defaults:
  retry: { max_attempts: 4, initial_backoff_seconds: 0.3 }

containers:
  energy-generator:
    input_file: \${params.input_file}
    output_file: \${params.output_dir}/energy_data.csv
    next_node: energy-analyzer
    timeout_seconds: 30
  energy-analyzer:
    input_file: \${params.output_dir}/energy_data.csv
    output_file: \${params.output_dir}/analysis_output.pb
    next_node: report-generator
    timeout_seconds: 60
  report-generator:
    input_file: \${params.output_dir}/analysis_output.pb
    output_file: \${params.output_dir}/energy_report.csv
    timeout_seconds: 30
`;
}
