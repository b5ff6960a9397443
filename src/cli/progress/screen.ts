import type { RunEvent } from "../../engine/events.ts";
import type { Finding } from "../../engine/finding.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { TerminalEvent } from "../../ports/runtime.ts";
import type { Invocation } from "../command.ts";
import { isSet } from "../env.ts";
import { renderEnd } from "../render/end.ts";
import { renderFinding } from "../render/error.ts";
import { createToType } from "../to-type.ts";
import { createJsonProgress, createLineProgress } from "./lines.ts";
import { createLogLineProgress } from "./log-lines.ts";
import { createProgressModel, type KnownNode, type ProgressModel } from "./model.ts";
import type { Progress } from "./progress.ts";

/** What is shown of a run, where, and in which form. */
export interface Screen {
  readonly onEvents: (events: readonly RunEvent[]) => void;
  /** Nothing is shown before it; events that have come already are shown then. */
  begin(nodes: readonly KnownNode[], clock: Clock): Promise<void>;
  /** A line for people, past the table. */
  say(text: string): void;
  /** What went wrong on the way; said whatever else is shown. */
  warn(text: string): void;
  end(end: TerminalEvent): void;
  stop(): void;
}

export function createScreen({ values, io, secrets }: Invocation): Screen {
  const json = values.flag("json");
  const logLines = values.text("log-format") === "json";
  let early: { readonly events: readonly RunEvent[]; readonly atMs: number }[] | undefined = [];
  let model: ProgressModel | undefined;
  let progress: Progress | undefined;
  let live: Progress | undefined;
  const stop = (): void => progress?.stop();

  function show(events: readonly RunEvent[], atMs: number): void {
    for (const event of events) model?.apply(event, atMs);
    progress?.onEvents(events);
    for (const event of events) if (event.type === "run.checked") tellWarnings(event.findings);
  }
  /** Errors come with the end of the run, and all that was found beside them. */
  function tellWarnings(findings: readonly Finding[]): void {
    if (findings.some(({ severity }) => severity === "error")) return;
    for (const finding of findings) say(renderFinding(finding, io.err.style).trimEnd());
  }
  function say(text: string): void {
    if (!logLines) warn(text);
  }
  function warn(text: string): void {
    if (live?.say === undefined) io.err.write(`${text}\n`);
    else live.say(text);
  }

  return {
    onEvents(events) {
      const atMs = performance.now();
      if (early === undefined) show(events, atMs);
      else early.push({ events, atMs });
    },
    async begin(nodes, clock) {
      model = createProgressModel(nodes);
      const shown: Progress[] = [];
      if (json) shown.push(createJsonProgress(io.out));
      if (logLines) shown.push(createLogLineProgress(io, secrets));
      else if (!json && io.err.isTerminal && !isSet(io.env("CI"))) {
        // Only a terminal needs to know how wide characters are, which takes longest to load.
        const { createLiveProgress } = await import("./live.ts");
        live = createLiveProgress(io.err, model, clock);
        shown.push(live);
      } else if (!json) shown.push(createLineProgress(io.err));
      progress = {
        onEvents(events) {
          for (const one of shown) one.onEvents(events);
        },
        stop() {
          for (const one of shown) one.stop();
        },
      };
      // Whatever ends the process, the terminal gets its cursor back.
      process.once("exit", stop);
      const missed = early ?? [];
      early = undefined;
      for (const { events, atMs } of missed) show(events, atMs);
    },
    say,
    warn,
    end(end) {
      stop();
      if (logLines || model === undefined) return;
      const options = { style: io.err.style, toType: createToType(io, values.text("state-dir")) };
      io.err.write(renderEnd(model, end, options));
    },
    stop,
  };
}
