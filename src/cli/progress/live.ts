import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import type { Output } from "../output.ts";
import { renderFrame } from "./frame.ts";
import type { ProgressModel } from "./model.ts";
import type { Progress } from "./progress.ts";

/** Often enough for a spinner to turn. Events do not redraw by themselves, so that ten thousand of them cost nothing. */
const FRAME_MS = 100;

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
/** Erase from the cursor to the end of the screen. */
const ERASE_BELOW = "\u001b[0J";

type State =
  | { readonly is: "blank" }
  | { readonly is: "drawn"; readonly lines: number; readonly cancelTimer: CancelTimer }
  | { readonly is: "stopped" };

/** A node table on a terminal, redrawn in place. It reads the model, which its owner applies events to. */
export function createLiveProgress(output: Output, model: ProgressModel, clock: Clock): Progress {
  let state: State = { is: "blank" };
  let turn = 0;

  /** @returns how many lines it drew */
  const draw = (before: string): number => {
    const { columns, rows } = output.size();
    const frame = renderFrame(model, { columns, rows, nowMs: clock.monotonic(), turn, style: output.style });
    output.write(`${before}${frame}`);
    turn += 1;
    return frame.split("\n").length - 1;
  };
  const tick = (): void => {
    const lines = draw(state.is === "drawn" ? erase(state.lines) : HIDE_CURSOR);
    state = { is: "drawn", lines, cancelTimer: clock.after(FRAME_MS, tick) };
  };

  return {
    onEvents() {
      if (state.is === "blank") tick();
    },
    say(text) {
      if (state.is !== "drawn") output.write(`${text}\n`);
      // The text takes the place of the table, which is drawn again below it.
      else state = { ...state, lines: draw(`${erase(state.lines)}${text}\n`) };
    },
    stop() {
      if (state.is === "drawn") {
        state.cancelTimer();
        draw(erase(state.lines));
        output.write(SHOW_CURSOR);
      }
      state = { is: "stopped" };
    },
  };
}

function erase(lines: number): string {
  return `\u001b[${lines}A\r${ERASE_BELOW}`;
}
