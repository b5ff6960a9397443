import { type Place, placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { describe } from "../tree/raw.ts";
import { reportWrongType } from "../tree/report-wrong-type.ts";

/** A list of texts, each looked at; none where nothing is said. */
export function readTexts(
  problems: Problems,
  raw: unknown,
  place: Place,
  problemOf: (text: string) => string | undefined,
): readonly string[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    reportWrongType(problems, `${place.key} must be a list of texts`, raw, place);
    return [];
  }
  return raw.flatMap((one: unknown, index) => {
    const at = placeAt(place, index);
    if (typeof one !== "string") {
      reportWrongType(problems, `${place.key} holds texts`, one, at, { wanted: "text" });
      return [];
    }
    const problem = problemOf(one);
    if (problem !== undefined) problems.add("WORKFLOW_INVALID_VALUE", `${place.key}: ${describe(one)} ${problem}`, at);
    return problem === undefined ? [one] : [];
  });
}

/** Of a folder of the host. */
export function problemOfFolder(text: string): string | undefined {
  if (!text.startsWith("/")) return "must be an absolute path";
  return text.split("/").some((part) => part === ".." || part === ".") ? "must be written without . and .." : undefined;
}
