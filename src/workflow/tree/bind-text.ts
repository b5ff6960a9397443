import { type Binding, bindTemplate, type Template } from "../model/template.ts";
import { type Place, placeAt } from "./place.ts";
import type { Problems } from "./problems.ts";
import { problemOfText } from "./read-fields.ts";

/** A text under a key with its references filled in; it is reported if they made it empty or too long. */
export function bindText(
  problems: Problems,
  template: Template,
  binding: Binding,
  place: Place,
  key: string,
): Template {
  const text = bindTemplate(template, binding);
  const problem = typeof text === "string" ? problemOfText(text) : undefined;
  if (problem !== undefined) {
    const message = `${key} ${problem} once its references are filled in`;
    problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(place, key));
  }
  return text;
}
