import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { BusbarError } from "../../kernel/errors.ts";
import { reasonOf } from "../../kernel/thrown.ts";
import type { Invocation } from "../command.ts";
import { EXIT_CANCELLED, EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { refuseShown } from "../options.ts";
import { givenPlaceOf } from "../place.ts";
import { listenForSignals } from "../signals.ts";
import { openStdin, STDIN } from "../stdin.ts";
import { HANDOVER_ENV, type ToBackground, type ToStarter } from "./handover.ts";

/**
 * Starts the same command again in a process without terminal and streams, in a session of its own, which drives the
 * run; and waits until the run is durable, or refused: in the words and with the exit code of that process.
 * @param file the workflow file that the command reads, if it does
 */
export async function startDetached({ values, io }: Invocation, file: string | undefined): Promise<number> {
  refuseShown(values);
  const background = spawnAgain(file === STDIN ? openStdin() : undefined);
  let asked = "nothing" as "nothing" | "to end" | "to end at once";
  let said = false;
  const made = new Promise<string>((resolve) => {
    background.on("message", (message: ToStarter) => {
      if (message.is === "text") {
        said = true;
        io.err.write(message.text);
      } else if (asked === "nothing") {
        resolve(message.runId);
      }
    });
  });
  const stopListening = listenForSignals(io, {
    first(signal) {
      asked = "to end";
      // Over there a hang-up does not count.
      void tell(background, { is: "signal", signal: signal === "SIGHUP" ? "SIGTERM" : signal });
    },
    second() {
      asked = "to end at once";
      background.kill("SIGKILL");
    },
  });
  try {
    const answer = await Promise.race([made, endOf(background)]);
    if (typeof answer === "string") {
      await tell(background, { is: "let go" });
      letGo(background);
      io.out.write(`${answer}\n`);
      const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
      const next = values.flag("no-next") ? "" : `. Next: ${formatCommand(`watch ${answer}`)}`;
      io.err.write(`run ${answer} goes on in the background${next}\n`);
      return EXIT_OK;
    }
    if (asked === "to end at once") return EXIT_CANCELLED;
    // Asked to end before it listened, it had nothing to put in order, and nothing to say.
    if (answer.code !== null && (said || asked === "to end")) return answer.code;
    throw failed(answer.code === null ? `ended by ${answer.signal}` : `ended with exit code ${answer.code}`);
  } finally {
    stopListening();
  }
}

/** @param stdin passed on to its end, through a pipe that nobody else has */
function spawnAgain(stdin: AsyncIterable<Uint8Array> | undefined): ChildProcess {
  try {
    const background = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      detached: true,
      windowsHide: true,
      stdio: [stdin === undefined ? "ignore" : "pipe", "ignore", "ignore", "ipc"],
      env: { ...process.env, [HANDOVER_ENV]: "1" },
    });
    // Why the other end did not read all of it, it says itself.
    if (stdin !== undefined && background.stdin) pipeline(stdin, background.stdin).catch(() => undefined);
    return background;
  } catch (cause) {
    throw notStarted(cause);
  }
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function endOf(background: ChildProcess): Promise<End> {
  try {
    // What it has said has arrived once it is gone and the connection too.
    const [[code, signal]] = await Promise.all([once(background, "exit"), once(background, "disconnect")]);
    return { code, signal };
  } catch (cause) {
    throw notStarted(cause);
  }
}

/** Node says it by an event or by throwing, as the cause is. */
function notStarted(cause: unknown): BusbarError {
  return failed(`could not be started: ${reasonOf(cause)}`, cause);
}

/** Resolves when it is sent, or cannot be: how the process ended says the rest. */
function tell(background: ChildProcess, message: ToBackground): Promise<void> {
  return new Promise((resolve) => {
    if (background.connected) background.send(message, () => resolve());
    else resolve();
  });
}

function letGo(background: ChildProcess): void {
  if (background.connected) background.disconnect();
  background.unref();
}

function failed(how: string, cause?: unknown): BusbarError {
  return new BusbarError("DETACH_FAILED", `the process that was to drive the run in the background ${how}`, { cause });
}
