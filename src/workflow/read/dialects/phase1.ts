import type { Entry } from "../../tree/entry.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { isForbiddenKey, isRawObject, quote, type RawObject } from "../../tree/raw.ts";
import { reportForbiddenKey } from "../../tree/read-fields.ts";
import { reportWrongType } from "../../tree/report-wrong-type.ts";
import { problemOfNodeId } from "../node-id.ts";

/** The first form of the original: containers are a list that gives each an `id` (contracts.md §4). */
export function readContainerList(problems: Problems, containers: readonly unknown[], place: Place): readonly Entry[] {
  const entries = new Map<string, Entry>();
  containers.forEach((raw, index) => {
    const at = placeAt(place, index);
    if (!isRawObject(raw)) {
      reportWrongType(problems, "a container must be an object", raw, at);
      return;
    }
    const id = readId(problems, raw, at);
    if (id === undefined) return;
    const first = entries.get(id);
    const idPlace = placeAt(at, "id");
    if (first === undefined) entries.set(id, { id, idPlace, idAt: "value", raw, place: at });
    else problems.add("WORKFLOW_DUPLICATE_NODE", `two containers have the id ${quote(id)}`, idPlace);
  });
  return [...entries.values()];
}

function readId(problems: Problems, raw: RawObject, place: Place): string | undefined {
  if (!Object.hasOwn(raw, "id")) {
    problems.add("WORKFLOW_MISSING_KEY", "a container in a list needs an id", place, { at: "key" });
    return undefined;
  }
  const { id } = raw;
  const at = placeAt(place, "id");
  if (typeof id !== "string") {
    reportWrongType(problems, "id must be a text", id, at, { wanted: "text" });
    return undefined;
  }
  const problem = problemOfNodeId(id);
  if (isForbiddenKey(id)) reportForbiddenKey(problems, id, at);
  else if (problem !== undefined) problems.add("WORKFLOW_INVALID_VALUE", problem, at);
  return id;
}
