import { hostname } from "node:os";
import type { Io } from "./io.ts";

/** What log lines call this machine. */
export function nodeName(io: Pick<Io, "env">): string {
  return io.env("NODE_NAME") || hostname();
}
