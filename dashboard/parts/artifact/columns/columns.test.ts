import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ColumnTable, createColumnBuilder, filterTable } from "./column-table.ts";
import { describeTable } from "./describe-columns.ts";
import { type DrawRequest, drawPoints } from "./draw-points.ts";

function tableOf(names: readonly string[], rows: readonly (readonly string[])[]): ColumnTable {
  const builder = createColumnBuilder(names);
  builder.add(rows);
  return builder.build();
}

const REPORT = tableOf(
  ["timestamp", "household_id", "power", "anomaly_detected"],
  [
    ["2025-01-01T00:00:00Z", "HH-0", "10", "False"],
    ["2025-01-01T00:00:00Z", "HH-1", "20", "True"],
    ["2025-01-01T00:15:00Z", "HH-0", "x", "False"],
    ["2025-01-01T00:15:00Z", "HH-1", "40", "True"],
    ...Array.from({ length: 20 }, () => ["2025-01-01T00:30:00Z", "HH-2", "1", "False"]),
  ],
);

const ALL: Omit<DrawRequest, "ys"> = { x: undefined, range: undefined, as: "line", points: 100 };

/** Of a table with one column `y`. */
const numbers = (values: readonly number[]): ColumnTable =>
  tableOf(
    ["y"],
    values.map((value) => [String(value)]),
  );

describe("a table by its columns", () => {
  it("tells what each column is, and which can be an axis", () => {
    const { rows, anomalies, columns } = describeTable(REPORT);
    assert.deepEqual([rows, anomalies], [24, 2]);
    assert.deepEqual(
      columns.map(({ name, kind, isAxis }) => [name, kind, isAxis]),
      [
        ["timestamp", "time", true],
        ["household_id", "text", false],
        ["power", "number", false],
        ["anomaly_detected", "flag", false],
      ],
    );
    assert.deepEqual(columns[1]?.categories, ["HH-0", "HH-1", "HH-2"]);
    assert.deepEqual(columns[2]?.numbers, { count: 23, least: 1, most: 40, mean: 90 / 23 });
  });

  it("offers no choice of texts where there are many", () => {
    const table = tableOf(
      ["id"],
      Array.from({ length: 5000 }, (_, index) => [`id ${index}`]),
    );
    assert.equal(describeTable(table).columns[0]?.categories, undefined);
    assert.equal(describeTable(table).anomalies, undefined);
  });

  it("is of one category alone where that is asked", () => {
    const one = filterTable(REPORT, "household_id", "HH-1");
    assert.equal(one.rows, 2);
    assert.deepEqual([...(one.columns[2]?.values ?? [])], [20, 40]);
    assert.deepEqual([...(one.anomalies ?? [])], [0, 1]);
    assert.equal(filterTable(REPORT, "household_id", "nobody").rows, 0);
  });
});

describe("the points of a chart", () => {
  it("are all rows where there is room, with gaps where there is no number", () => {
    const drawn = drawPoints(REPORT, { ...ALL, ys: ["power"] });
    assert.deepEqual(drawn.x.slice(0, 4), [1, 2, 3, 4]);
    assert.deepEqual(drawn.ys[0]?.slice(0, 4), [10, 20, null, 40]);
    assert.equal(drawn.rowsPerPoint, 1);
    assert.deepEqual(drawn.anomalies, { count: 2, x: [2, 4], ys: [[20, 40]] });
  });

  it("never leave out what is lowest or highest, and are as few as there is room for", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // without minus zero
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 2, max: 60 }),
        (values, points) => {
          const { x, ys, rows } = drawPoints(numbers(values), { ...ALL, ys: ["y"], points });
          const drawn = (ys[0] ?? []).filter((value) => value !== null);
          assert.equal(rows, values.length);
          assert.equal(Math.max(...drawn), Math.max(...values));
          assert.equal(Math.min(...drawn), Math.min(...values));
          assert.ok(x.length <= points && x.length === ys[0]?.length);
          assert.deepEqual(
            [...x].sort((a, b) => a - b),
            x,
          );
        },
      ),
    );
  });

  it("are those of a range of the axis, both ends included", () => {
    const at = Date.parse("2025-01-01T00:15:00Z");
    const drawn = drawPoints(REPORT, { ...ALL, x: "timestamp", ys: ["power"], range: [at, at] });
    assert.deepEqual([drawn.rows, drawn.ys[0]], [2, [null, 40]]);
    assert.equal(drawn.anomalies.count, 1);
    const none = drawPoints(REPORT, { ...ALL, ys: ["power"], range: [100, 200] });
    assert.deepEqual(drawn.range, [at, at]);
    assert.deepEqual([none.rows, none.x, none.range], [0, [], undefined]);
  });

  it("are means where bars stand for more than one row", () => {
    const drawn = drawPoints(numbers([1, 3, 5, 7, 9]), { ...ALL, as: "bars", ys: ["y"], points: 2 });
    assert.deepEqual(drawn.range, [1, 5]);
    assert.deepEqual([drawn.x, drawn.ys[0], drawn.rowsPerPoint], [[1, 4], [3, 8], 3]);
  });

  it("mark as many anomalies as can be told apart, and count all of them", () => {
    const table = tableOf(
      ["y", "anomaly"],
      Array.from({ length: 4900 }, (_, index) => [String(index), "true"]),
    );
    const { anomalies } = drawPoints(table, { ...ALL, ys: ["y"] });
    assert.equal(anomalies.count, 4900);
    assert.equal(anomalies.x.length, 300);
  });
});
