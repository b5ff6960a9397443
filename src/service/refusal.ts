import { findObstacle } from "../kernel/access.ts";
import { peek } from "../kernel/thrown.ts";

/** What Node says where a process may not do something with a file. */
const REFUSALS: readonly unknown[] = ["EACCES", "EPERM", "EROFS"];

/**
 * An error of the file system that rights are the reason of, as one that says whose the folder is, who this process is,
 * and what to do. A mounted folder belongs to whoever made it on the host, mostly root, and "permission denied" sends
 * nobody there. Anything else is returned as it is.
 * @param path what was to be read or written, where the error names something else (a temporary file)
 */
export function clarifyRefusal(thrown: unknown, path?: string): unknown {
  const code = peek(thrown, "code");
  const named = path ?? peek(thrown, "path");
  if (!REFUSALS.includes(code) || typeof named !== "string") return thrown;
  const [access, obstacle] = findBoth(named);
  if (obstacle === undefined) return thrown;
  const clear = new Error(`${named} cannot be ${access}: ${obstacle.why}; ${remedyFor(code, obstacle.path)}`);
  return Object.assign(clear, { code, path: named });
}

function findBoth(path: string): readonly ["read" | "written", ReturnType<typeof findObstacle>] {
  const reading = findObstacle(path, "read", process);
  return reading === undefined ? ["written", findObstacle(path, "write", process)] : ["read", reading];
}

function remedyFor(code: unknown, path: string): string {
  if (code === "EROFS") return "mount a folder or volume there that can be written";
  const { geteuid, getegid } = process;
  if (geteuid === undefined || getegid === undefined) return "give this user the right to it";
  return `give it to this user (chown -R ${geteuid()}:${getegid()} ${path}, on the host where it is mounted), or run as its owner`;
}
