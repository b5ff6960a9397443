import { escapeControls } from "../../kernel/text.ts";
import type { Check } from "../../ports/checks.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT_FINDINGS, EXIT_OK } from "../exit-codes.ts";
import { MIN_NODE_MAJOR } from "../node-version.ts";
import { CLUSTER_OPTIONS, JSON_OPTION, STATE_OPTIONS } from "../options.ts";
import { clusterOf } from "../place.ts";
import type { Style } from "../render/style.ts";
import { stateOf } from "../state.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "examine Node.js, the state directory and every recorded run, or a cluster",
  description:
    "Checks the version of Node.js, whether the state directory is writable and local, the space on its disk, that\n" +
    "every row of the journal reads back as it was written, that every history keeps the rules (nothing follows\n" +
    "run.succeeded, no attempt after a success, …), and that the list of runs says what the events say.\n" +
    "Of a cluster: Restate and its version, the workers that it knows and which runs stay with them, and calls that fail\n" +
    "again and again.",
  positionals: [],
  options: [JSON_OPTION, ...STATE_OPTIONS, ...CLUSTER_OPTIONS],
  examples: [
    { command: "busbar doctor", says: "one line a check" },
    {
      command: "busbar doctor --runtime restate --ingress http://restate:8080 --admin http://restate:9070",
      says: "a cluster",
    },
  ],
  exitCodes: "0 nothing found · 2 wrong usage · 31 findings",
  async run(invocation) {
    const { values, io } = invocation;
    const checks = [checkNode(process.versions.node), ...(await examine(invocation))];
    const ok = checks.every((check) => check.ok);
    if (values.flag("json")) await io.out.printData(`${JSON.stringify({ ok, checks }, undefined, 2)}\n`);
    else await io.out.print(checks.map((check) => renderCheck(check, io.out.style)).join(""));
    return ok ? EXIT_OK : EXIT_FINDINGS;
  },
};

// Loaded here, so that the other commands of the group start without it.
async function examine(invocation: Invocation): Promise<readonly Check[]> {
  const { shared, ...place } = stateOf(invocation);
  const cluster = clusterOf(invocation);
  if (cluster !== undefined)
    return (await import("../../app/doctor/examine-cluster.ts")).examineCluster(cluster, shared);
  return (await import("../../app/doctor/examine.ts")).examineStateDir(place, shared);
}

function checkNode(version: string): Check {
  const ok = Number(version.split(".")[0]) >= MIN_NODE_MAJOR;
  return {
    check: "node",
    ok,
    message: ok ? `Node.js ${version}` : `Node.js ${version} is too old: install ${MIN_NODE_MAJOR} or newer`,
  };
}

function renderCheck(check: Check, style: Style): string {
  const mark = check.ok ? style.green("✓") : style.red("✗");
  const run = check.run_id === undefined ? "" : `run ${check.run_id}: `;
  return `${mark} ${escapeControls(`${run}${check.message}`)}\n`;
}
