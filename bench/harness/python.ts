import { spawnSync } from "node:child_process";
import { requirePeer } from "../../src/testing/require.ts";

/** A Python that can import grpc. */
export function requirePython() {
  return requirePeer("grpcio", findPython);
}

/** The interpreter itself, not a launcher in front of it, which would cost time. */
function findPython(): { readonly path: string; readonly versions: string } | undefined {
  for (const command of [process.env.BUSBAR_PYTHON, "python3", "/usr/bin/python3"]) {
    if (command === undefined || command === "") continue;
    const script =
      "import sys, grpc; print(sys.executable); print('.'.join(map(str, sys.version_info[:3])), grpc.__version__)";
    const { status, stdout } = spawnSync(command, ["-c", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [path, versions] = (stdout ?? "").trim().split(/\r?\n/);
    if (status === 0 && path !== undefined && versions !== undefined) return { path, versions };
  }
  return undefined;
}
