import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Peer, requirePeer } from "../require.ts";

/** The server of Restate for this machine, where `npm run campaign:cluster` has installed it. */
export function restateBinary(): string | undefined {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
  const path = fileURLToPath(new URL(`../../../test/cluster/node_modules/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** The server, or why tests that need it are skipped; `restate-server` in BUSBAR_REQUIRE. */
export function requireRestate(): Peer<string> {
  return requirePeer("restate-server", restateBinary, "no restate-server: npm run campaign:cluster installs it");
}
