import { describeCaller } from "../../app/caller.ts";
import { hasRuns } from "../../app/reader.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import { warnOfChangedFile } from "../changed-file.ts";
import type { Command } from "../command.ts";
import { driveRun } from "../drive.ts";
import { exitCodeOfProblems } from "../exit-codes.ts";
import { DRIVE_OPTIONS, isToBeDetached, RUN_POSITIONAL } from "../options.ts";
import { placeOf } from "../place.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { renderDiagnostics } from "../render/diagnostics.ts";
import { stateOf } from "../state.ts";
import { printWarnings, readInput } from "../workflow-input.ts";

export const resumeCommand: Command = {
  name: "resume",
  summary: "continue a failed, cancelled or interrupted run",
  description:
    "What has succeeded is kept and never called again; failed, cancelled and skipped nodes start again. The workflow\n" +
    "is the one that the run has recorded, unless --file gives a changed one. With --server, what does not end as a file\n" +
    "does is the name of a workflow that the server has; a file needs the role admin there.",
  positionals: [RUN_POSITIONAL],
  options: [
    {
      name: "file",
      value: "FILE",
      about: "go on with this workflow file (- for stdin); nodes that have succeeded must be the same in it",
    },
    ...DRIVE_OPTIONS,
  ],
  examples: [
    { command: "busbar runs --interrupted", says: "which runs are waiting for this" },
    { command: "busbar resume 20261123T154210-7f3k2q", says: "go on" },
    { command: "busbar resume 20261123T154210-7f3k2q --file fixed.yaml", says: "go on with a mended file" },
    {
      command: "busbar resume nightly-7 --file nightly --server http://127.0.0.1:8080",
      says: "with the file that the server has now",
    },
  ],
  async run(invocation) {
    if (isToBeDetached(invocation)) {
      const { startDetached } = await import("../detach/start-detached.ts");
      return startDetached(invocation, invocation.values.text("file"));
    }
    const { values, io } = invocation;
    const name = values.positional(0) ?? "";
    const file = values.text("file");
    const policy = await readPolicyOption(invocation);
    if (isNoPolicy(policy)) return policy.exitCode;
    const state = stateOf(invocation, policy);
    const place = placeOf(invocation);
    if (place.is === "server" && file !== undefined) {
      const { isStoredName, resumeStored } = await import("../run-stored.ts");
      if (isStoredName(file)) return resumeStored(invocation, place.url, state, file);
    }
    const input = file === undefined ? undefined : await readInput(state.shared.definitions, file, undefined);
    if (input?.ok === false) {
      io.err.write(renderDiagnostics(input.diagnostics, io.err.style));
      return exitCodeOfProblems(input.diagnostics);
    }
    if (input !== undefined && values.text("log-format") !== "json") printWarnings(invocation, input.warnings);
    if (place.is === "directory" && !hasRuns(state.stateDir)) refuseUnknown(name, state.stateDir);
    return driveRun(invocation, state, async (runtime, preflight) => {
      const changed = input === undefined ? {} : { definition: input.workflow.definition };
      const runId = await runtime.resolve(name);
      const { before } = await runtime.resume(runId, { by: describeCaller(), ...changed, ...preflight });
      if (input === undefined) warnOfChangedFile(invocation, before, `resume ${runId}`);
      return {
        runId,
        afterSeq: before.last_seq,
        nodes: before.nodes.map(({ id, status, attempts }) => ({ id, status, attempts: attempts.length })),
      };
    });
  },
};
