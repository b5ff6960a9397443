import { stripVTControlCharacters } from "node:util";
import type { RunEvent } from "../../engine/events.ts";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import type { Output } from "../output.ts";
import { widthOf } from "../render/text-width.ts";
import { MIN_COLUMNS, renderFrame } from "./frame.ts";
import { listenForJobControl } from "./job-control.ts";
import { createLineProgress } from "./lines.ts";
import type { ProgressModel } from "./model.ts";
import type { Progress } from "./progress.ts";

/** Often enough for a spinner to turn. Events do not redraw by themselves, so that ten thousand of them cost nothing. */
const FRAME_MS = 100;

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const ERASE_LINE = "\u001b[2K";

type State =
  | { readonly is: "blank" }
  | { readonly is: "drawn"; readonly lines: readonly string[]; readonly cancelTimer: CancelTimer }
  | { readonly is: "stopped" };

/**
 * A node table on a terminal, redrawn in place; on a narrow one, a line an event. It reads the model, which its owner
 * applies events to.
 *
 * The lines are erased one by one: a terminal whose whole screen is cleared (tmux) keeps what stood there, and would
 * have every frame in its history.
 */
export function createLiveProgress(output: Output, model: ProgressModel, clock: Clock): Progress {
  const asLines = createLineProgress(output);
  let state: State = { is: "blank" };
  let turn = 0;

  /**
   * Draws in place of the lines that stand there.
   * @param above lines that stay, in front of it
   */
  function draw(before: readonly string[], above = ""): readonly string[] {
    const { columns, rows } = output.size();
    const options = { columns, rows, nowMs: clock.monotonic(), turn, style: output.style };
    const lines = columns < MIN_COLUMNS ? [] : renderFrame(model, options);
    turn += 1;
    const taken = before.reduce((sum, line) => sum + rowsOf(line, columns), 0);
    // What has left the screen, which was made lower, cannot be erased.
    const erasable = Math.min(taken, rows - 1);
    output.write(`${erase(erasable)}${above}${lines.map((line) => `${line}\n`).join("")}`);
    return lines;
  }
  function tick(): void {
    const lines = draw(state.is === "drawn" ? state.lines : []);
    state = { is: "drawn", lines, cancelTimer: clock.after(FRAME_MS, tick) };
  }
  /** What stands on the screen from now on is somebody else's. */
  function letGo(): void {
    if (state.is === "drawn") state = { ...state, lines: [] };
  }
  const stopListening = listenForJobControl({
    leave: () => output.write(SHOW_CURSOR),
    comeBack() {
      letGo();
      if (state.is === "drawn") output.write(HIDE_CURSOR);
    },
  });

  return {
    onEvents(events: readonly RunEvent[]) {
      if (state.is === "blank") {
        output.write(HIDE_CURSOR);
        tick();
      }
      if (state.is === "drawn" && output.size().columns < MIN_COLUMNS) {
        state = { ...state, lines: draw(state.lines) };
        asLines.onEvents(events);
      }
    },
    say(text) {
      if (state.is !== "drawn") output.write(`${text}\n`);
      // The text takes the place of the table, which is drawn again below it.
      else state = { ...state, lines: draw(state.lines, `${text}\n`) };
    },
    hasTold: (nodeId, error) => asLines.hasTold?.(nodeId, error) === true,
    stop() {
      stopListening();
      if (state.is === "drawn") {
        state.cancelTimer();
        draw(state.lines);
        output.write(SHOW_CURSOR);
      }
      state = { is: "stopped" };
    },
  };
}

/** How many rows a line takes after the terminal was made narrower: terminals wrap again what they show. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns));
}

/** Erases lines above the cursor, which is then at the beginning of the first. */
function erase(count: number): string {
  if (count === 0) return "";
  const up = `\u001b[${count}A\r`;
  return `${up}${`${ERASE_LINE}\n`.repeat(count)}${up}`;
}
