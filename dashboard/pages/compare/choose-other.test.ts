import assert from "node:assert/strict";
import { it } from "node:test";
import { chooseOther } from "./choose-other.ts";

const run = (run_id: string, minute: number, status: "succeeded" | "failed" = "succeeded") => ({
  ...{ run_id, status },
  created_at: `2026-11-23T15:0${minute}:00.000Z`,
});

it("compares a run with the newest one before it that succeeded, else with another one; the older is a", () => {
  const all = [run("e", 5), run("d", 4, "failed"), run("c", 3, "failed"), run("b", 2), run("a", 1)];
  assert.deepEqual(chooseOther(run("d", 4, "failed"), all), { a: "b", b: "d" });
  assert.deepEqual(chooseOther(run("a", 1), all), { a: "a", b: "e" });
  assert.deepEqual(chooseOther(run("d", 4), [run("d", 4), run("c", 3, "failed")]), { a: "c", b: "d" });
  assert.equal(chooseOther(run("a", 1), [run("a", 1)]), undefined);
});
