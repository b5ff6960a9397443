import { spawnSync } from "node:child_process";
import { type Peer, requirePeer } from "./require.ts";

/**
 * A Python that can `import grpc`, or why tests that need one are skipped.
 * BUSBAR_PYTHON is tried first, then `python3`, then Debian's own.
 *
 * @returns the command
 */
export function requireGrpcioPython(): Peer<string> {
  const commands = [process.env.BUSBAR_PYTHON, "python3", "/usr/bin/python3"];
  return requirePeer("grpcio", () => commands.find((command) => command !== undefined && hasGrpcio(command)));
}

function hasGrpcio(command: string): boolean {
  return spawnSync(command, ["-c", "import grpc"], { stdio: "ignore" }).status === 0;
}
