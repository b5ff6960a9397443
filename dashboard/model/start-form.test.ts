import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldErrorsOf, NOTHING_TYPED, readOptions, startWords } from "./start-form.ts";

describe("the form of a start", () => {
  it("says nothing of empty fields", () => {
    assert.deepEqual(readOptions(NOTHING_TYPED), { options: {}, errors: {} });
  });

  it("reads a run id and a priority", () => {
    assert.deepEqual(readOptions({ runId: "nightly-1", priority: " -5 " }), {
      options: { run_id: "nightly-1", priority: -5 },
      errors: {},
    });
  });

  it("says what is wrong with them", () => {
    const { errors } = readOptions({ runId: "a b", priority: "101" });
    assert.deepEqual(Object.keys(errors), ["run_id", "priority"]);
    assert.equal(errors.priority, "must be a whole number from -100 to 100");
  });

  it("is a command, with quotes where a shell wants them", () => {
    assert.equal(startWords("nightly", {}, {}), "run nightly");
    assert.equal(
      startWords("meter rollup", { day: "26 Nov", batch: 5, dry: true }, { run_id: "r1", priority: 3 }),
      "run 'meter rollup' --param 'day=26 Nov' --param batch=5 --param dry=true --run-id r1 --priority 3",
    );
  });

  it("puts what the server refuses at the field that it names", () => {
    const details = { path: ["params", "batch"] };
    assert.deepEqual(fieldErrorsOf({ code: "PARAM_INVALID", detail: "no", details }).params, { batch: "no" });
    assert.deepEqual(fieldErrorsOf({ code: "RUN_EXISTS", detail: "taken" }).options, { run_id: "taken" });
    assert.deepEqual(fieldErrorsOf({ code: "RUN_QUEUE_FULL", detail: "full" }), { params: {}, options: {} });
  });
});
