import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldsOf, readFields, textOf } from "./params-form.ts";

const SCHEMA = {
  type: "object",
  properties: {
    day: { type: "string", description: "The day to roll up" },
    note: { type: "string", default: "none" },
    batch: { type: "integer", default: 500 },
    threshold: { type: "number", default: 0.75 },
    dry_run: { type: "boolean", default: false },
    force: { type: "boolean" },
    level: { type: "string", enum: ["low", "high"], default: "low" },
  },
  required: ["day", "force"],
};
const FIELDS = fieldsOf(SCHEMA);
const REQUIRED = { day: "2026-11-26", force: "true" };

describe("the form of params", () => {
  it("has a field for each param, in their order", () => {
    assert.deepEqual(
      FIELDS.map(({ name, type, isRequired }) => [name, type, isRequired]),
      [
        ["day", "string", true],
        ["note", "string", false],
        ["batch", "integer", false],
        ["threshold", "number", false],
        ["dry_run", "boolean", false],
        ["force", "boolean", true],
        ["level", "string", false],
      ],
    );
    assert.equal(FIELDS[0]?.description, "The day to roll up");
    assert.deepEqual(FIELDS[6]?.choices, ["low", "high"]);
  });

  it("shows defaults until something is typed", () => {
    assert.equal(textOf({ name: "batch", type: "integer", default: 500, isRequired: false }, {}), "500");
    assert.equal(textOf({ name: "batch", type: "integer", default: 500, isRequired: false }, { batch: "" }), "");
  });

  it("says only what differs from the defaults", () => {
    const typed = { ...REQUIRED, batch: "500", threshold: "0.5", note: "" };
    assert.deepEqual(readFields(FIELDS, typed), {
      values: { day: "2026-11-26", force: true, threshold: 0.5, note: "" },
      errors: {},
    });
  });

  it("gives a number its default back where the field is emptied", () => {
    assert.deepEqual(readFields(FIELDS, { ...REQUIRED, batch: "" }).values, { day: "2026-11-26", force: true });
  });

  it("says at each field what is wrong with it", () => {
    const { errors } = readFields(FIELDS, { batch: "1.5", threshold: "much", dry_run: "yes", level: "middle" });
    assert.deepEqual(errors, {
      day: "is required",
      force: "is required",
      batch: 'must be a whole number, not the text "1.5"',
      threshold: 'must be a number, not the text "much"',
      dry_run: "must be true or false",
      level: "is none of the choices",
    });
  });

  it("takes a name that every object has for a name", () => {
    const fields = fieldsOf({
      properties: { toString: { type: "string", default: "a" }, valueOf: { type: "integer" } },
    });
    assert.deepEqual(
      fields.map((field) => textOf(field, {})),
      ["a", ""],
    );
    assert.deepEqual(readFields(fields, { toString: "b" }), { values: { toString: "b" }, errors: {} });
  });

  it("makes texts of shapes that it does not know, and nothing of no schema", () => {
    assert.deepEqual(fieldsOf({ properties: { a: { type: "array" }, b: 7 } }), [
      { name: "a", type: "string", isRequired: false },
      { name: "b", type: "string", isRequired: false },
    ]);
    assert.deepEqual(fieldsOf({}), []);
  });
});
