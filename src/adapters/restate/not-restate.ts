import { isFields } from "../../kernel/arguments.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { cleanText } from "../../kernel/text.ts";
import type { HttpAnswer } from "./http.ts";
import { ROLES, type Role } from "./roles.ts";

/** Bytes of an answer that a message says again. */
export const MAX_QUOTED_BYTES = 500;

/** What answers at an address is something else: another server, or the other address of the cluster. */
export function notRestate(role: Role, { url, status, text }: HttpAnswer): BusbarError {
  const { origin, pathname } = new URL(url);
  const { name, option } = ROLES[role];
  const begin = cleanText(text.trim(), 80);
  const said = begin === "" ? "" : `: ${begin}`;
  const message = `what answers at ${origin} is not ${name} (it answered ${pathname} with ${status}${said}): mend ${option}`;
  return new BusbarError("CLUSTER_FAILED", message, { details: { status } });
}

/** @throws BusbarError CLUSTER_FAILED where it is no JSON */
export function readJson(role: Role, answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    throw notRestate(role, answer);
  }
}

/** An object with a list in that field. @throws BusbarError CLUSTER_FAILED where it is something else */
export function readListed(role: Role, answer: HttpAnswer, field: string): unknown {
  const value = readJson(role, answer);
  if (!isFields(value) || !Array.isArray(value[field])) throw notRestate(role, answer);
  return value;
}
