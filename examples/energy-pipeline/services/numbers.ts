// Numbers as the original's Python wrote and read them.

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number written in decimal, spaces and tabs around it left out; NaN if the text is none. */
export function parseNumber(text: string): number {
  const trimmed = trimBlanks(text);
  return NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN;
}

export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/**
 * Python's `repr(float)`: the shortest digits that read back to the same double,
 * always with a point or an exponent; exponent form below 1e-4 and from 1e16,
 * with at least two digits.
 */
export function formatPythonFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    // Without an argument toExponential gives as many digits as necessary: the same digits as Python.
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** Three decimals, half to even on the scaled value, as numpy and pandas round. */
export function roundToThousandths(value: number): number {
  return roundHalfEven(value * 1000) / 1000;
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  const isTie = Math.abs(value % 1) === 0.5;
  return isTie && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
