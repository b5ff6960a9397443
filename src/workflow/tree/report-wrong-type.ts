import type { Place } from "./place.ts";
import type { Problems } from "./problems.ts";
import { describe } from "./raw.ts";

/** What a place takes; a value that only reads as something else then has a way out. */
export type Wanted = "text" | "number" | "boolean";

/**
 * Reports a value of the wrong type as it is written in the file, and says how to write what was probably meant:
 * `id must be a text, not 0123; put it in quotes: "0123"`.
 * @param claim what must be, for the message
 * @param then what else there is to say
 */
export function reportWrongType(
  problems: Problems,
  claim: string,
  value: unknown,
  place: Place | undefined,
  { wanted, then = "" }: { readonly wanted?: Wanted | undefined; readonly then?: string } = {},
): void {
  if (!isPlain(value)) {
    problems.add(
      "WORKFLOW_WRONG_TYPE",
      `${claim}, not ${describe(value)}${withoutQuotes(value, wanted)}${then}`,
      place,
    );
    return;
  }
  const say = (written: string): string => {
    if (written === "") return `${claim}; nothing is written there${then}`;
    const quoted = wanted === "text" ? `; put it in quotes: "${written}"` : "";
    return `${claim}, not ${written}${quoted}${then}`;
  };
  problems.add("WORKFLOW_WRONG_TYPE", say(String(value)), place, {
    asWritten: (written) => say(isFormOf(written, value) ? written : String(value)),
  });
}

/** Number, true, false or null: what a file may write in more ways than one. */
type Plain = number | boolean | null;

function isPlain(value: unknown): value is Plain {
  return typeof value === "number" || typeof value === "boolean" || value === null;
}

/** Whether this is how the value is written: where it stands behind an alias, the alias is what was found. */
export function isFormOf(written: string, value: Plain): boolean {
  if (value === null) return /^(?:null|~|)$/i.test(written);
  if (typeof value === "boolean") return written.toLowerCase() === String(value);
  // Beyond what a number holds: `1e400`, and YAML's own `.inf` and `.nan`.
  if (!Number.isFinite(value)) return /^[-+.\d]/.test(written);
  return written !== "" && Number(written) === value;
}

/** Words of older YAML and of other tools. */
const BOOLEANS: readonly (readonly [boolean, RegExp])[] = [
  [true, /^(?:true|yes|y|on)$/i],
  [false, /^(?:false|no|n|off)$/i],
];

/** How to write a text that was probably meant as something else. */
function withoutQuotes(value: unknown, wanted: Wanted | undefined): string {
  if (typeof value !== "string") return "";
  if (wanted === "number") {
    const plain = value.trim();
    return plain !== "" && String(Number(plain)) === plain ? `; write ${plain} without quotes` : "";
  }
  const [meant] = wanted === "boolean" ? (BOOLEANS.find(([, words]) => words.test(value)) ?? []) : [];
  return meant === undefined ? "" : `; write ${meant} without quotes`;
}
