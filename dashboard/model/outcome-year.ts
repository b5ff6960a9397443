// What became of a workflow's runs on each day of a year, as a calendar: a column a week, Monday at the top.
import type { WorkflowStats } from "../api/shapes.ts";

/** How many runs ended on a day, by what became of them. */
export type Outcomes = WorkflowStats["days"][number];

/** A day of the calendar. */
export interface CalendarDay {
  /** In UTC: `2026-11-26`. */
  readonly day: string;
  /** From 0, the oldest. */
  readonly week: number;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly outcomes?: Outcomes;
}

export interface OutcomeYear {
  /** The oldest first; the last is today. */
  readonly days: readonly CalendarDay[];
  readonly weeks: number;
  /** Where each month begins. */
  readonly months: readonly { readonly week: number; readonly name: string }[];
}

const DAY_MS = 86_400_000;
const DAYS = 365;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/** A name of a month has no room in fewer weeks. */
const MONTH_WEEKS = 3;

/** @param nowMs milliseconds since the epoch: the day of that is the last */
export function outcomeYear(known: readonly Outcomes[], nowMs: number): OutcomeYear {
  const byDay = new Map(known.map((outcomes) => [outcomes.day, outcomes]));
  const today = Math.floor(nowMs / DAY_MS);
  const first = today - DAYS + 1;
  const firstWeekday = weekdayOf(first);
  const days = Array.from({ length: DAYS }, (_, position): CalendarDay => {
    const day = new Date((first + position) * DAY_MS).toISOString().slice(0, 10);
    const outcomes = byDay.get(day);
    return {
      day,
      week: Math.floor((firstWeekday + position) / 7),
      weekday: weekdayOf(first + position),
      ...(outcomes === undefined ? {} : { outcomes }),
    };
  });
  const weeks = (days.at(-1)?.week ?? 0) + 1;
  const months = days
    .filter(({ day }, position) => day.endsWith("-01") || position === 0)
    .map(({ day, week }) => ({ week, name: MONTHS[Number(day.slice(5, 7)) - 1] ?? "" }))
    .filter(({ week }, position, all) => (all[position + 1]?.week ?? weeks) - week >= MONTH_WEEKS);
  return { days, weeks, months };
}

/** How many runs ended on it. */
export function countRuns({ succeeded, failed, cancelled }: Outcomes): number {
  return succeeded + failed + cancelled;
}

/** `Thursday 26 Nov 2026: 12 succeeded, 1 failed` */
export function describeDay({ day, weekday, outcomes }: CalendarDay): string {
  const date = `${WEEKDAYS[weekday]} ${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`;
  return `${date}: ${outcomes === undefined ? "no run ended" : describeCounts(outcomes)}`;
}

/** `1,204 succeeded, 12 failed` */
export function describeCounts(counts: Omit<Outcomes, "day">): string {
  const words = (["succeeded", "failed", "cancelled"] as const).flatMap((status) =>
    counts[status] === 0 ? [] : [`${counts[status].toLocaleString("en")} ${status}`],
  );
  return words.length === 0 ? "none" : words.join(", ");
}

/** All days together. */
export function sumOutcomes(known: readonly Outcomes[]): Omit<Outcomes, "day"> {
  const sum = { succeeded: 0, failed: 0, cancelled: 0 };
  for (const day of known)
    for (const status of ["succeeded", "failed", "cancelled"] as const) sum[status] += day[status];
  return sum;
}

/** 1 to 4: how much ended on a day beside the busiest. Steps grow, as some days have a hundred times the runs of others. */
export function levelOf(outcomes: Outcomes, busiest: number): 1 | 2 | 3 | 4 {
  const share = Math.log1p(countRuns(outcomes)) / Math.log1p(Math.max(1, busiest));
  return share > 0.75 ? 4 : share > 0.5 ? 3 : share > 0.25 ? 2 : 1;
}

function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return (day + 3) % 7;
}
