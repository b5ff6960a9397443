import type { Clock } from "../../kernel/clock.ts";
import type { Output } from "../io.ts";
import { renderFrame } from "./frame.ts";
import type { ProgressModel } from "./model.ts";
import type { Progress } from "./progress.ts";

/** Often enough for a spinner to turn; an event does not redraw by itself, so ten thousand of them cost nothing. */
const FRAME_MS = 100;

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
/** Erase from the cursor to the end of the screen. */
const ERASE_BELOW = "\u001b[0J";

/** A node table on a terminal, redrawn in place. The model is kept up by whoever owns it. */
export function createLiveProgress(output: Output, model: ProgressModel, clock: Clock): Progress {
  let linesDrawn = 0;
  let turn = 0;
  let cancelTimer: (() => void) | undefined;
  let stopped = false;

  const draw = (): void => {
    const { columns, rows } = output.size();
    const frame = renderFrame(model, { columns, rows, nowMs: clock.monotonic(), turn, style: output.style });
    output.write(`${rewind()}${frame}`);
    linesDrawn = frame.split("\n").length - 1;
    turn += 1;
  };
  const rewind = (): string => (linesDrawn === 0 ? HIDE_CURSOR : `\u001b[${linesDrawn}A\r${ERASE_BELOW}`);
  const tick = (): void => {
    draw();
    cancelTimer = clock.after(FRAME_MS, tick);
  };

  return {
    onEvents() {
      if (!stopped && cancelTimer === undefined) tick();
    },
    say(text) {
      if (stopped || linesDrawn === 0) {
        output.write(`${text}\n`);
        return;
      }
      // Above the table, which is drawn anew below it.
      output.write(`${rewind()}${text}\n`);
      linesDrawn = 0;
      draw();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      cancelTimer?.();
      if (linesDrawn === 0) return;
      draw();
      output.write(SHOW_CURSOR);
    },
  };
}
