import { resumeCommand } from "./commands/resume.ts";
import { runCommand } from "./commands/run.ts";
import { dispatch } from "./dispatch.ts";

/** The commands whose start-up counts most; the build makes one file of all they need (docs/adr, "start-up"). */
const DRIVING = [runCommand, resumeCommand];

/** @param argv begins with `run` or `resume` */
export function main(argv: readonly string[], version: string): Promise<void> {
  return dispatch(argv, version, {
    summaries: DRIVING,
    load: async (name) => DRIVING.find((command) => command.name === name),
  });
}
