import type { Template } from "../../model/template.ts";
import { hasReferences } from "../../model/template.ts";
import { type Place, placeAt } from "../../tree/place.ts";
import type { Problems } from "../../tree/problems.ts";
import { type ContainerOption, isMount, optionRefers, optionText } from "./container-option.ts";
import { problemOfImage } from "./image.ts";
import { judgeOption } from "./judge-option.ts";
import { notAllowed } from "./judgement.ts";
import { splitVolume } from "./mounts.ts";
import type { Container } from "./node.ts";
import { problemOfWord } from "./word.ts";

/** With two paths of 4,096 characters beside it, the request still fits an event of 64 KiB. */
const MAX_BYTES = 32_768;

/**
 * Checks the texts of a structured container that have no references (any more).
 * @param before the same before binding; what had no references then has been checked
 */
export function checkContainer(problems: Problems, container: Container, place: Place, before?: Container): void {
  const isNew = (now: Template, old: Template | undefined): now is string =>
    typeof now === "string" && (before === undefined || (old !== undefined && hasReferences(old)));
  const isNewOption = (now: ContainerOption, old: ContainerOption | undefined): boolean =>
    !optionRefers(now) && (before === undefined || (old !== undefined && optionRefers(old)));
  const invalid = (message: string, at: Place, remedy?: string): void =>
    problems.add("WORKFLOW_INVALID_VALUE", `docker: ${message}`, at, { remedy });

  let volumes = 0;
  container.options.forEach((option, index) => {
    const { name, rest } = splitOption(option);
    const at = placeOfOption(place, name, rest, volumes);
    if (name === "volume" || name === "mount") volumes += 1;
    if (!isNewOption(option, before?.options[index])) return;
    const judged = judgeOption(name, rest, container.allow);
    if ("invalid" in judged) invalid(judged.invalid, at, judged.remedy);
    else if ("power" in judged) problems.add("WORKFLOW_NOT_ALLOWED", `docker: ${notAllowed(judged)}`, at);
    else if (name === "volume" && splitVolume(rest)?.source === undefined) {
      invalid(`a volume is HOST_PATH:CONTAINER_PATH, not ${JSON.stringify(rest)}`, at);
    } else if (isMount(option) && option.source === "") invalid("a volume in parts needs a source", at);
  });
  if (isNew(container.image, before?.image)) {
    const problem = problemOfImage(container.image);
    if (problem !== undefined) invalid(problem, placeAt(place, "image"));
  }
  container.args.forEach((arg, index) => {
    const problem = isNew(arg, before?.args[index]) ? problemOfWord(arg) : undefined;
    if (problem !== undefined) invalid(`an argument ${problem}`, placeAt(placeAt(place, "args"), index));
  });
  for (const [name, value] of Object.entries(container.env)) {
    const problem = problemOfWord(literals(value).join(""));
    if (problem !== undefined) invalid(`env ${name} ${problem}`, placeAt(placeAt(place, "env"), name));
  }
  const tooLong = problemOfSize(container);
  if (tooLong !== undefined) invalid(tooLong, place);
}

export function problemOfSize(container: Container): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(container));
  return bytes > MAX_BYTES ? `the container takes ${bytes} bytes; at most ${MAX_BYTES} can be recorded` : undefined;
}

function literals(value: Template): readonly string[] {
  return typeof value === "string" ? [value] : value.filter((part) => typeof part === "string");
}

/** The options of a structured container all have a value, and their names are literal. */
function splitOption(option: ContainerOption): { readonly name: string; readonly rest: string } {
  if (isMount(option) && optionRefers(option)) return { name: "mount", rest: "" };
  const text = !isMount(option) && hasReferences(option) ? String(option[0]) : optionText(option);
  const equals = text.indexOf("=");
  return { name: text.slice(2, equals), rest: text.slice(equals + 1) };
}

function placeOfOption(place: Place, name: string, rest: string, index: number): Place {
  if (name === "volume" || name === "mount") return placeAt(placeAt(place, "volumes"), index);
  if (name === "env") return placeAt(placeAt(place, "env"), rest.split("=")[0] ?? "");
  return placeAt(place, name);
}
