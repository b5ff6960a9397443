// How this adapter speaks of services and of what they said.
import type { Secrets } from "../../kernel/secrets.ts";
import { cleanText } from "../../kernel/text.ts";
import type { Service } from "../../workflow/model/service.ts";
import { boundText } from "./channels.ts";

export function describeService(service: Service): string {
  return `${service.name} at ${boundText(service.address)}`;
}

/**
 * A text from outside, safe to record and print. Masked before it is cut, so that
 * no half of a secret survives at the end, and after, where escaping made one.
 */
export function cleanForeign(text: string, secrets: Secrets): string {
  return secrets.mask(cleanText(secrets.mask(text)));
}
