/** What `busbar init` writes. A test validates it and runs it against dummy servers. */
export const STARTER_FILE = "workflow.yaml";

/** Beside it, for editors: it is there without a network, and travels with the file. */
export const SCHEMA_FILE = "workflow.schema.json";

/** @param file how its commands name it, in quotes where a shell needs them */
export function renderStarter(file: string): string {
  return `# yaml-language-server: $schema=./${SCHEMA_FILE}
# A workflow for Busbar: two services, called one after the other.
#
#   busbar validate ${file}        is the file right?
#   busbar dummy-server &                a stand-in for both services below, on port 50051
#   busbar run ${file}             run it; every step is recorded in .busbar/
#
# The first line is for editors; busbar schema > ${SCHEMA_FILE} writes that file again.

workflow_name: my_pipeline

# Values that a run can set: busbar run ${file} --param data_dir=/srv/data
params:
  data_dir:
    type: string # or integer, number, boolean
    default: /data
    description: where the services find their files

# Where the run begins: a name, or a list of names.
start_node: extract

# How many calls one run may have outstanding, and what a failed node means for the others:
# stop (nothing new starts) or continue (only what depends on it is skipped).
max_parallel: 16
on_failure: stop

# The services and where they listen. Each answers ContainerExecutor/Execute (busbar proto prints it).
service_registry:
  extract: localhost:50051 # the short form
  report:
    address: localhost:50051
    health: optional # required, optional or off
    # max_concurrency: 4
    # metadata:
    #   authorization: "Bearer \${env.REPORT_TOKEN}" # read when the call is made, never recorded
    # tls: { ca_file: ca.pem }

# Each node calls the service of its own name, unless it says \`service: …\`.
containers:
  extract:
    input_file: \${params.data_dir}/input.csv # travels to the service exactly as it reads once filled in
    output_file: \${params.data_dir}/clean.csv
    next_node: report
    timeout_seconds: 30 # of one attempt
    retry: # the default; shown to be changed
      max_attempts: 4
      initial_backoff_seconds: 0.5
      retryable_status_codes: [UNAVAILABLE]
  report:
    input_file: \${params.data_dir}/clean.csv
    output_file: \${params.data_dir}/report-\${run.id}.csv
    next_node: null # or leave it out; depends_on: [extract] says the same edge from this end
`;
}
