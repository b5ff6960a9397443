import { spawnSync } from "node:child_process";
import { type Peer, requirePeer } from "./require.ts";

/**
 * A Python that can `import grpc`, or why tests that need one are skipped.
 *
 * @returns the command
 */
export function requireGrpcioPython(): Peer<string> {
  return requirePython("grpcio", ["grpc"]);
}

/**
 * A Python that can import some modules, or why tests that need one are skipped.
 * BUSBAR_PYTHON is tried first, then `python3`, then Debian's own.
 *
 * @param name as in BUSBAR_REQUIRE
 * @returns the command
 */
export function requirePython(name: string, modules: readonly string[]): Peer<string> {
  const commands = [process.env.BUSBAR_PYTHON, "python3", "/usr/bin/python3"];
  return requirePeer(name, () => commands.find((command) => command !== undefined && canImport(command, modules)));
}

function canImport(command: string, modules: readonly string[]): boolean {
  return spawnSync(command, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" }).status === 0;
}
