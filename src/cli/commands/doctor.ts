import { toErrorInfo } from "../../kernel/errors.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { RunRecord } from "../../ports/journal.ts";
import type { Command } from "../command.ts";
import type { Check } from "../doctor/check.ts";
import { checkJournal, checkRun } from "../doctor/history.ts";
import { checkDisk, checkNode } from "../doctor/machine.ts";
import { EXIT_FINDINGS, EXIT_OK } from "../exit-codes.ts";
import { openReading, type Reading } from "../open-reading.ts";
import { JSON_OPTION, STATE_OPTIONS } from "../options.ts";
import type { Style } from "../render/style.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "examine Node.js, the state directory and every recorded run",
  description:
    "Checks the version of Node.js, whether the state directory is writable and local, the space on its disk, that\n" +
    "every row of the journal reads back as it was written, that every history keeps the rules (nothing follows\n" +
    "run.succeeded, no attempt after a success, …), and that the list of runs says what the events say.",
  positionals: [],
  options: [JSON_OPTION, ...STATE_OPTIONS],
  examples: [{ command: "busbar doctor", says: "one line a check" }],
  exitCodes: "0 nothing found · 2 wrong usage · 31 findings",
  async run(invocation) {
    const { values, io } = invocation;
    const reading = openReading(invocation);
    try {
      const checks = [
        checkNode(process.versions.node),
        ...checkDisk(reading.stateDir, values.flag("allow-remote-state")),
        ...(await checkJournal(reading.reader)),
        ...(await checkRuns(reading)),
      ];
      const ok = checks.every((check) => check.ok);
      const text = values.flag("json")
        ? `${JSON.stringify({ ok, checks }, undefined, 2)}\n`
        : checks.map((check) => renderCheck(check, io.out.style)).join("");
      await io.out.print(text);
      return ok ? EXIT_OK : EXIT_FINDINGS;
    } finally {
      await reading.close();
    }
  },
};

async function checkRuns({ reader }: Reading): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const damaged: Check[] = [];
  const runs = await listWhole(reader, damaged);
  for (const { runId } of runs) checks.push(...(await checkRun(reader, runId)));
  const bad = new Set(checks.map((check) => check.run_id)).size;
  const good = runs.length - bad;
  if (bad + damaged.length > 0 && good === 0) return checks;
  const message =
    runs.length === 0 ? "no runs are recorded" : `${good} of ${runs.length} recorded runs keep every history rule`;
  return [...checks, { check: "run", ok: true, message }];
}

/** The runs that can be listed; what cannot be has been found by the check of the journal. */
async function listWhole(reader: Reading["reader"], damaged: Check[]): Promise<readonly RunRecord[]> {
  const note = ({ message }: { readonly message: string }): void => {
    damaged.push({ check: "journal", ok: false, message });
  };
  try {
    const list = await reader.listRuns();
    list.damaged.forEach(note);
    return list.runs;
  } catch (thrown) {
    note(toErrorInfo(thrown));
    return [];
  }
}

function renderCheck(check: Check, style: Style): string {
  const mark = check.ok ? style.green("✓") : style.red("✗");
  const run = check.run_id === undefined ? "" : `run ${check.run_id}: `;
  return `${mark} ${escapeControls(`${run}${check.message}`)}\n`;
}
