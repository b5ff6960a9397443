import type { Output } from "../output.ts";
import { createEventLines } from "../render/event-line.ts";
import type { Progress } from "./progress.ts";

/** One line an event, for a pipe or CI. `run.checked` is left out: the screen shows its findings. */
export function createLineProgress(output: Output): Progress {
  const { render, hasTold } = createEventLines(output.style);
  return {
    onEvents(events) {
      const lines = events.filter(({ type }) => type !== "run.checked");
      output.write(lines.map((event) => `${render(event)}\n`).join(""));
    },
    hasTold,
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
