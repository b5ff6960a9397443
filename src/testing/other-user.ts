// Another user of this machine, for tests of what rights keep from a process. Root may do everything, so what root has
// made is tried as `nobody`; anybody else takes the rights from their own files.
import { spawnSync } from "node:child_process";

const NOBODY = 65_534;

export const isRoot: boolean = process.getuid?.() === 0;

/** The number of the user that `asOtherUser` runs as. */
export const otherUser: number | undefined = isRoot ? NOBODY : process.getuid?.();

/** Runs, with the program and arguments that follow, as a user for whom the mode `takenAway` counts. */
export const asOtherUser: readonly string[] = isRoot
  ? [
      process.execPath,
      "-e",
      `const { spawn } = require("node:child_process");
       const [program, ...args] = process.argv.slice(1);
       const child = spawn(program, args, { uid: ${NOBODY}, gid: ${NOBODY}, stdio: "inherit" });
       for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
       child.on("exit", (code) => { process.exitCode = code ?? 99; });`,
    ]
  : [];

/** Why no other user can try, for `describe`'s skip. */
export function otherUserSkip(): string | false {
  if (process.platform === "win32") return "Windows has no such modes";
  if (!isRoot) return false;
  const read = `require("node:fs").readFileSync(${JSON.stringify(import.meta.filename)})`;
  const { status } = spawnSync(process.execPath, ["-e", read], { uid: NOBODY, gid: NOBODY, cwd: "/" });
  return status === 0 ? false : "another user may not read the files that Busbar lies in here";
}

/** Rights without those of the other user: root's own, or none at all. */
export function takenAway(mode: number): number {
  return isRoot ? mode : 0;
}
