import type { Attempt } from "../../ports/executor.ts";
import type { AttemptLog } from "../../ports/run-logs.ts";
import type { EngineTools } from "./engine.ts";
import type { AttemptContext } from "./outcome.ts";

/** An attempt that is being made, and what it is made with. */
export interface Job extends AttemptContext {
  readonly tools: EngineTools;
  readonly log: AttemptLog;
}

/** The attempt's log; goes nowhere where nobody keeps it, and takes nothing once it has ended. */
export function openLog({ openLog: open }: Attempt): AttemptLog {
  let log = open?.();
  return {
    write: (stream, chunk) => log?.write(stream, chunk),
    restart: () => log?.restart(),
    end() {
      log?.end();
      log = undefined;
    },
  };
}

/** What Busbar itself did for the attempt. */
export function note({ log, secrets }: Pick<Job, "log" | "secrets">, text: string): void {
  log.write("busbar", `${secrets.mask(text)}\n`);
}
