import type { EventBody, RunEvent } from "../../engine/events.ts";
import { type RunState, summarize } from "../../engine/state.ts";
import { apply } from "../../engine/transitions.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Answer, Append, Journal } from "../../ports/journal.ts";

/**
 * What a turn of the driver decides: events, answers to requests, and what to do
 * once they are durable. One turn is one append, and nothing is done before it
 * (E8).
 */
export interface Ledger {
  readonly state: RunState;
  /** Records an event and applies it at once, so that the next decision of the turn sees it. */
  emit(body: EventBody, at?: string): void;
  answer(answer: Answer): void;
  /** Does something once all that has been emitted so far is durable. */
  after(effect: () => void): void;
  /** Appends the turn, then does what waited for it. Resolves with its events; rejects if the journal refuses them. */
  flush(): Promise<readonly RunEvent[]>;
  /** Nothing more is recorded or done. */
  close(): void;
}

/** @param appendFirst how the first append makes the run ours: it creates it, or takes it over */
export function createLedger(
  journal: Journal,
  clock: Clock,
  state: RunState,
  appendFirst: (append: Append) => Promise<void>,
): Ledger {
  const epoch = state.epoch + 1;
  let events: RunEvent[] = [];
  let answers: Answer[] = [];
  const effects: (() => void)[] = [];
  const appendMore = (append: Append): Promise<void> => journal.append(append);
  let append = appendFirst;
  let closed = false;
  return {
    state,
    emit(body, at = timestamp(clock.now())) {
      const event: RunEvent = { seq: state.lastSeq + 1, at, run_id: state.runId, epoch, ...body };
      apply(state, event);
      events.push(event);
    },
    answer: (answer) => answers.push(answer),
    after: (effect) => effects.push(effect),
    async flush() {
      const appended = events;
      const answered = answers;
      if (appended.length > 0 || answered.length > 0) {
        events = [];
        answers = [];
        await append({
          runId: state.runId,
          epoch,
          events: appended,
          summary: summarize(state),
          ...(answered.length === 0 ? {} : { answers: answered }),
        });
        append = appendMore;
      }
      if (!closed) for (const effect of effects.splice(0)) effect();
      return appended;
    },
    close() {
      closed = true;
    },
  };
}

let lastSecond = { second: Number.NaN, text: "" };

/** RFC 3339; the text up to the second is made once a second. */
function timestamp(ms: number): string {
  const within = Math.floor(ms) % 1000;
  const second = Math.floor(ms / 1000);
  if (lastSecond.second !== second) {
    lastSecond = { second, text: new Date(ms).toISOString().slice(0, -"000Z".length) };
  }
  return `${lastSecond.text}${String(within).padStart(3, "0")}Z`;
}
