import type { Entry } from "../../tree/entry.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { isForbiddenKey, isRawObject, quote, type RawObject } from "../../tree/raw.ts";
import { reportForbiddenKey } from "../../tree/read-fields.ts";
import { reportWrongType } from "../../tree/report-wrong-type.ts";
import { problemOfNodeId } from "../node-id.ts";

/**
 * Version 1: containers are a map by node id. The second form of the original (contracts.md §4) is version 1
 * without what Busbar has added, so it needs no code of its own.
 * @param order the keys in file order, where JavaScript would give them in another
 */
export function readContainerMap(
  problems: Problems,
  containers: RawObject,
  place: Place,
  order: readonly string[] | undefined,
): readonly Entry[] {
  const entries: Entry[] = [];
  for (const id of order ?? Object.keys(containers)) {
    const raw = containers[id];
    const at = placeAt(place, id);
    if (isForbiddenKey(id)) {
      reportForbiddenKey(problems, id, at);
      continue;
    }
    const problem = problemOfNodeId(id);
    if (problem !== undefined) problems.add("WORKFLOW_INVALID_VALUE", problem, at, { at: "key" });
    if (isRawObject(raw)) checkId(problems, raw, id, at);
    else reportWrongType(problems, `the container ${quote(id)} must be an object`, raw, at);
    entries.push({ id, idPlace: at, idAt: "key", raw: isRawObject(raw) ? raw : undefined, place: at });
  }
  return entries;
}

function checkId(problems: Problems, raw: RawObject, key: string, place: Place): void {
  if (!Object.hasOwn(raw, "id") || raw.id === key) return;
  const at = placeAt(place, "id");
  if (typeof raw.id !== "string") {
    reportWrongType(problems, "id must be a text", raw.id, at, { wanted: "text" });
  } else {
    problems.add("WORKFLOW_ID_MISMATCH", `id ${quote(raw.id)} differs from its key ${quote(key)}`, at);
  }
}
