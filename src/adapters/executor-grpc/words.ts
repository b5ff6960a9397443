// How this adapter speaks of services and of what they said.
import { cleanForeign, type Secrets } from "../../kernel/secrets.ts";
import type { Service } from "../../workflow/model/service.ts";
import { boundText } from "./channels.ts";

/** Bytes of what a peer says where it is a word of ours that counts: header values, reasons, names. */
const MAX_QUOTED_BYTES = 200;

export function describeService(service: Service): string {
  return `${service.name} at ${boundText(service.address)}`;
}

/** What is quoted within a sentence of ours. */
export function quoteForeign(text: string, secrets: Secrets): string {
  return cleanForeign(text, secrets, MAX_QUOTED_BYTES);
}

/** Of a text of which only the beginning came: half of a secret may end it, and is left out. */
export function maskBeginning(text: string, secrets: Secrets): string {
  return secrets.maskPieces().push(text);
}
