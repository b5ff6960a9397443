import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatPythonFloat, parseNumber, roundToThousandths, trimBlanks } from "./numbers.ts";

describe("formatPythonFloat", () => {
  // The right column is what `repr` of CPython 3.11 prints.
  const cases: readonly (readonly [number, string])[] = [
    [0, "0.0"],
    [-0, "-0.0"],
    [230, "230.0"],
    [-5, "-5.0"],
    [5.1 + 0.1, "5.199999999999999"],
    [Math.fround(0.103), "0.10300000011920929"],
    [0.0001, "0.0001"],
    [0.00099, "0.00099"],
    [0.00001, "1e-05"],
    [0.000012345, "1.2345e-05"],
    [-0.00001, "-1e-05"],
    [1e-7, "1e-07"],
    [5e-324, "5e-324"],
    [1e15, "1000000000000000.0"],
    [9999999999999998, "9999999999999998.0"],
    [1e16, "1e+16"],
    [12345678901234568, "1.2345678901234568e+16"],
    [1e21, "1e+21"],
    [1e22, "1e+22"],
    [1.5e300, "1.5e+300"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [Number.NaN, "nan"],
  ];
  for (const [value, text] of cases) {
    it(`prints ${text}`, () => assert.equal(formatPythonFloat(value), text));
  }
});

describe("roundToThousandths", () => {
  it("rounds a tie of the scaled value to even", () => {
    assert.equal(roundToThousandths(0.0625), 0.062);
    assert.equal(roundToThousandths(0.1875), 0.188);
    assert.equal(roundToThousandths(0.0005), 0);
    assert.equal(roundToThousandths(0.0015), 0.002);
    assert.equal(roundToThousandths(-0.0625), -0.062);
    assert.equal(roundToThousandths(-0.1875), -0.188);
  });

  it("rounds everything else to the nearest", () => {
    assert.equal(roundToThousandths(126.5 / (230 * 5.699999999999999)), 0.096);
    assert.equal(roundToThousandths(0.0999), 0.1);
    assert.equal(roundToThousandths(-1.23456), -1.235);
    assert.equal(roundToThousandths(1e300), 1e300);
  });
});

describe("parseNumber", () => {
  it("reads decimal numbers, with blanks around them", () => {
    const texts = ["7", "4.50", "+3", "-2.5", ".5", "5.", "1e3", "1E-2", "\t 8 "];
    assert.deepEqual(texts.map(parseNumber), [7, 4.5, 3, -2.5, 0.5, 5, 1000, 0.01, 8]);
    assert.ok(Object.is(parseNumber("-0"), -0));
  });

  it("reads nothing else", () => {
    const texts = [
      "",
      " ",
      ".",
      "e5",
      "1e",
      "0x10",
      "1_000",
      "1,5",
      "inf",
      "nan",
      "500*lopj",
      "750[",
      "1 2",
      "\n1",
      "１",
    ];
    assert.deepEqual(
      texts.filter((text) => !Number.isNaN(parseNumber(text))),
      [],
    );
  });
});

describe("trimBlanks", () => {
  it("takes spaces and tabs off both ends only", () => {
    assert.deepEqual([" a b\t", "", " \t", "a", "\u00a0a"].map(trimBlanks), ["a b", "", "", "a", "\u00a0a"]);
  });
});
