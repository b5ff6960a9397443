import { cleanText, escapeUnseen } from "./text.ts";

/** Bytes of a text that are shown. */
const SHOWN_BYTES = 60;

/** Any value in a few words, for the end of a sentence: `…, not a list`. Never throws, and is never empty. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value === "" ? "an empty text" : `the text "${escapeUnseen(cleanText(value, SHOWN_BYTES))}"`;
    case "bigint":
      return "a BigInt";
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "object":
      return value === null ? "null" : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return "a list";
    const name: unknown = value.constructor?.name;
    const plain = typeof name !== "string" || name === "" || name === "Object";
    return plain ? "an object" : `an object of the class ${cleanText(name, SHOWN_BYTES)}`;
  } catch {
    return "an object";
  }
}
