import { formatLogLine } from "../../app/log-line.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Io } from "../io.ts";
import { nodeName } from "../node-name.ts";
import type { Progress } from "./progress.ts";

/** The lines of the log file, on stderr, for a log collector. */
export function createLogLineProgress(io: Io, secrets: Secrets): Progress {
  const options = { node: nodeName(io), mask: secrets.mask };
  return {
    onEvents(events) {
      io.err.write(events.map((event) => formatLogLine(event, options)).join(""));
    },
    stop() {},
  };
}
