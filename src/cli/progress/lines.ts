import type { Output } from "../output.ts";
import { renderEventLine } from "../render/event-line.ts";
import type { Progress } from "./progress.ts";

/** One line an event, for a pipe or CI. `run.checked` is left out: the screen shows its findings. */
export function createLineProgress(output: Output): Progress {
  return {
    onEvents(events) {
      const lines = events.filter(({ type }) => type !== "run.checked");
      output.write(lines.map((event) => `${renderEventLine(event, output.style)}\n`).join(""));
    },
    stop() {},
  };
}

/** One event a line, as JSON. */
export function createJsonProgress(output: Output): Progress {
  return {
    onEvents(events) {
      output.writeJsonLines(events);
    },
    stop() {},
  };
}
