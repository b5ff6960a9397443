// How `--detach` hands a run over. The command starts itself again in the background (start-detached.ts) and stays
// connected to that process until the run is durable:
//
//   background → starter   text, text, …   what belongs on stderr: why no run was made
//                          made            the run is durable
//   starter → background   signal          before `made`, or in place of `let go`: the person wants no run any more
//                          let go          the handover is over, and the starter exits 0
//
// Where the connection breaks before `let go`, nobody knows of the run, and it is cancelled.

import { EXIT_CANCELLED } from "../exit-codes.ts";
import type { Sink } from "../sink.ts";

/** Set for the process in the background, which removes it at once. */
export const HANDOVER_ENV = "BUSBAR_HANDOVER";

export type ToStarter =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "made"; readonly runId: string };

export type ToBackground = { readonly is: "signal"; readonly signal: "SIGINT" | "SIGTERM" } | { readonly is: "let go" };

/** The side of the process in the background. */
export interface Handover {
  /** What is written goes to the starter's stderr; after the handover, nowhere. */
  readonly sink: Sink;
  /** The run is durable. Resolves when the starter has let go, or when the run is to be cancelled instead. */
  complete(runId: string): Promise<void>;
  /** The command has ended: nothing more is told. */
  end(): Promise<void>;
}

/** @returns undefined in a process that nobody has started in the background */
export function takeHandover(): Handover | undefined {
  const { send } = process;
  if (send === undefined || process.env[HANDOVER_ENV] === undefined) return undefined;
  // What is started from here has nothing to hand over.
  delete process.env[HANDOVER_ENV];
  const over = new AbortController();
  const decided = Promise.withResolvers<void>();
  let sent = Promise.resolve();

  const tell = (message: ToStarter): void => {
    if (!over.signal.aborted) sent = new Promise((resolve) => send.call(process, message, () => resolve()));
  };
  const letGo = (): void => {
    over.abort();
    decided.resolve();
    if (process.connected) process.disconnect();
  };
  const askToEnd = (signal: NodeJS.Signals): void => {
    decided.resolve();
    // Nobody listens yet: there is nothing to put in order.
    if (!process.emit(signal, signal)) process.exit(EXIT_CANCELLED);
  };
  process.on("message", (message: ToBackground) => {
    if (message.is === "let go") letGo();
    else askToEnd(message.signal);
  });
  process.once("disconnect", () => {
    if (over.signal.aborted) return;
    over.abort();
    askToEnd("SIGTERM");
  });

  return {
    sink: {
      write(text) {
        tell({ is: "text", text });
        return true;
      },
      caughtUp: () => sent,
      flush: () => sent,
      broken: over.signal,
    },
    complete(runId) {
      tell({ is: "made", runId });
      return decided.promise;
    },
    async end() {
      await sent;
      letGo();
    },
  };
}
