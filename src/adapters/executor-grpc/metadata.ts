import { BusbarError } from "../../kernel/errors.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Attempt } from "../../ports/executor.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { Template } from "../../workflow/model/template.ts";
import { boundText } from "./channels.ts";

/** What travels with a call, in the order in which it was added. */
export type CallMetadata = (readonly [key: string, value: string | Uint8Array])[];

/** A service's metadata as far as the environment allows. */
export interface ServiceMetadata {
  readonly metadata: CallMetadata;
  /** SERVICE_MISSING_ENV and SERVICE_INVALID_ENV, one for each key that could not be made. */
  readonly problems: readonly BusbarError[];
}

/** What gRPC allows in a text value. */
const ASCII_VALUE = /^[\x20-\x7e]*$/;

/** The service's own metadata, with secrets read now. Values never stand in a problem. */
export function readServiceMetadata(service: Service, secrets: Secrets): ServiceMetadata {
  const metadata: CallMetadata = [];
  const problems: BusbarError[] = [];
  const where = `${service.name} at ${boundText(service.address)}`;
  for (const [key, template] of service.metadata) {
    const { text, missing, names } = fillIn(template, secrets);
    if (missing.length > 0) {
      const message = `${where}: metadata "${key}" needs the environment variable ${missing.join(", ")}, which is not set`;
      problems.push(new BusbarError("SERVICE_MISSING_ENV", message));
    } else if (key.endsWith("-bin")) {
      metadata.push([key, Buffer.from(text)]);
    } else if (ASCII_VALUE.test(text)) {
      metadata.push([key, text]);
    } else {
      const message = `${where}: metadata "${key}" has a character that gRPC does not allow (a line break?)`;
      const cause = names.length > 0 ? `${message}, from the environment variable ${names.join(", ")}` : message;
      problems.push(new BusbarError("SERVICE_INVALID_ENV", cause));
    }
  }
  return { metadata, problems };
}

function fillIn(
  template: Template,
  secrets: Secrets,
): { readonly text: string; readonly names: readonly string[]; readonly missing: readonly string[] } {
  if (typeof template === "string") return { text: template, names: [], missing: [] };
  const names: string[] = [];
  const missing: string[] = [];
  const text = template
    .map((part) => {
      if (typeof part === "string") return part;
      if (part.scope !== "env") return boundText(template);
      names.push(part.name);
      const value = secrets.read(part.name);
      if (value === undefined) missing.push(part.name);
      return value ?? "";
    })
    .join("");
  return { text, names, missing };
}

/** Adds what every call of an attempt carries (README, "How to write a service"). */
export function addAttemptMetadata(metadata: CallMetadata, attempt: Attempt, spanId: string): void {
  metadata.push(
    ["x-busbar-run-id", encodeId(attempt.runId)],
    ["x-busbar-node", encodeId(attempt.nodeId)],
    ["x-busbar-attempt", String(attempt.attempt)],
    ["idempotency-key", encodeKey(attempt.idempotencyKey)],
    ["traceparent", `00-${attempt.traceId}-${spanId}-01`],
  );
}

/** Characters that percent-encoding leaves as they are. */
const PLAIN_ID = /^[\w.~-]+$/;
const PLAIN_KEY = /^[\w.~/-]+$/;

/** The slashes between its parts stay: no part has one of its own. */
function encodeKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : key.split("/").map(encodeId).join("/");
}

function encodeId(id: string): string {
  return PLAIN_ID.test(id) ? id : encodeURIComponent(id.toWellFormed());
}
