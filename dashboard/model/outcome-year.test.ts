import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeCounts, describeDay, levelOf, outcomeYear, sumOutcomes } from "./outcome-year.ts";

const NOW = Date.parse("2026-11-26T17:30:00Z");
const day = (date: string, succeeded: number, failed = 0, cancelled = 0) => ({
  day: date,
  succeeded,
  failed,
  cancelled,
});

describe("a year of outcomes", () => {
  it("ends today, and has a week a column, Monday at the top", () => {
    const { days, weeks } = outcomeYear([day("2026-11-26", 3)], NOW);
    assert.equal(days.length, 365);
    assert.deepEqual(days.at(-1), { day: "2026-11-26", week: weeks - 1, weekday: 3, outcomes: day("2026-11-26", 3) });
    assert.equal(days[0]?.day, "2025-11-27");
    assert.equal(weeks, 53);
    for (const { day: date, weekday } of days) assert.equal((new Date(date).getUTCDay() + 6) % 7, weekday, date);
    for (const [position, { week, weekday }] of days.entries()) {
      const before = days[position - 1];
      if (before !== undefined) assert.equal(week, weekday === 0 ? before.week + 1 : before.week);
    }
  });

  it("names months where there is room", () => {
    const names = outcomeYear([], NOW).months.map(({ name }) => name);
    assert.deepEqual(names, ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]);
  });

  it("says a day in words", () => {
    const last = outcomeYear([day("2026-11-26", 1200, 1)], NOW).days.slice(-2);
    assert.deepEqual(last.map(describeDay), [
      "Wednesday 25 Nov 2026: no run ended",
      "Thursday 26 Nov 2026: 1,200 succeeded, 1 failed",
    ]);
  });

  it("sums up, and tells busy days from others", () => {
    const days = [day("2026-11-25", 1), day("2026-11-26", 400, 2, 1)];
    assert.equal(describeCounts(sumOutcomes(days)), "401 succeeded, 2 failed, 1 cancelled");
    assert.equal(describeCounts(sumOutcomes([])), "none");
    assert.deepEqual(
      days.map((one) => levelOf(one, 403)),
      [1, 4],
    );
    assert.equal(levelOf(day("2026-11-25", 1), 1), 4);
  });
});
