import { isFields } from "../../kernel/arguments.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { cleanText } from "../../kernel/text.ts";
import { type HttpAnswer, type HttpTools, send } from "./http.ts";
import { MAX_QUOTED_BYTES, notRestate, readJson } from "./not-restate.ts";

/** Calls handlers of workers, by way of Restate. */
export interface Ingress {
  /** What messages call it. */
  readonly url: string;
  /** Calls a handler and waits for its answer. @throws BusbarError CLUSTER_… */
  call<T>(target: Target, input?: unknown, signal?: AbortSignal): Promise<T>;
  /**
   * Has a handler called, once for all submissions with one key; resolves with the invocation when that is durable.
   * @param onOut told when it has a connection: from then on it may be accepted, whatever comes of the answer
   * @throws BusbarError CLUSTER_…
   */
  submit(target: Target, input: unknown, key: string, onOut?: () => void): Promise<string>;
  /** What became of what was submitted. @throws BusbarError CLUSTER_… */
  outputOf<T>(invocation: string): Promise<Output<T>>;
}

export type Output<T> =
  /** Somebody works on it, or will. */
  | { readonly kind: "under_way" }
  | { readonly kind: "answered"; readonly value: T }
  /** It was killed, or has failed for good. */
  | { readonly kind: "failed"; readonly message: string }
  /** It never was, or has ended and is forgotten. */
  | { readonly kind: "unknown" };

export interface Target {
  readonly service: string;
  /** Of an object. */
  readonly key?: string;
  readonly handler: string;
}

/** How it says that there is no output yet. */
const NOT_READY = 470;

export function createIngress(url: string, tools: HttpTools): Ingress {
  const pathOf = ({ service, key, handler }: Target): string =>
    [service, ...(key === undefined ? [] : [key]), handler].map(encodeURIComponent).join("/");

  return {
    url,
    async call<T>(target: Target, input?: unknown, signal?: AbortSignal): Promise<T> {
      const request = {
        of: "ingress",
        url: `${url}/${pathOf(target)}`,
        body: input,
        by: "worker",
        ...(signal && { signal }),
      } as const;
      const answer = await send(tools, request);
      return read<T>(answer, target);
    },
    async submit(target, input, key, onOut) {
      const request = {
        of: "ingress",
        url: `${url}/${pathOf(target)}/send`,
        body: input,
        headers: { "idempotency-key": key },
        ...(onOut && { onOut }),
      } as const;
      const answer = await send(tools, request);
      const accepted: unknown = read(answer, target);
      if (!isFields(accepted) || typeof accepted.invocationId !== "string") throw notRestate("ingress", answer);
      return accepted.invocationId;
    },
    async outputOf<T>(invocation: string): Promise<Output<T>> {
      const answer = await send(tools, {
        of: "ingress",
        url: `${url}/restate/invocation/${encodeURIComponent(invocation)}/output`,
      });
      const { status, text } = answer;
      if (status >= 200 && status < 300) return { kind: "answered", value: readJson("ingress", answer) as T };
      if (status === NOT_READY) return { kind: "under_way" };
      const { message, source } = problemOf(text);
      if (source === "invocation") return { kind: "failed", message };
      if (status === 404) return { kind: "unknown" };
      throw failed(answer, "an invocation's output");
    },
  };
}

function read<T>(answer: HttpAnswer, { service, handler }: Target): T {
  const { status, text, url } = answer;
  if (status >= 200 && status < 300) return (text === "" ? null : readJson("ingress", answer)) as T;
  const what = `${service}/${handler}`;
  if (status === 404) {
    // Restate says itself what it does not know; its admin API, and other servers, say less.
    if (problemOf(text).source === undefined) throw notRestate("ingress", answer);
    throw new BusbarError(
      "CLUSTER_NO_WORKERS",
      `Restate at ${new URL(url).origin} knows no ${what}: no worker of Busbar is registered there`,
    );
  }
  throw failed(answer, what);
}

function failed({ status, text, url }: HttpAnswer, what: string): BusbarError {
  const message = `Restate at ${url} answered ${what} with ${status}: ${cleanText(problemOf(text).message, MAX_QUOTED_BYTES)}`;
  return new BusbarError("CLUSTER_FAILED", message, { details: { status } });
}

/** What it says of an error, and whether that comes from what was called or from Restate itself. */
function problemOf(text: string): { readonly message: string; readonly source?: unknown } {
  const whole = { message: cleanText(text, MAX_QUOTED_BYTES) };
  try {
    const value: unknown = JSON.parse(text);
    if (!isFields(value) || typeof value.message !== "string") return whole;
    return { message: value.message, source: value.source };
  } catch {
    return whole;
  }
}
