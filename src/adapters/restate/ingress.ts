import { isFields } from "../../kernel/arguments.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { type HttpAnswer, type HttpTools, send } from "./http.ts";

/** Calls handlers of workers, by way of Restate. */
export interface Ingress {
  /** What messages call it. */
  readonly url: string;
  /** Calls a handler and waits for its answer. @throws BusbarError CLUSTER_… */
  call<T>(target: Target, input?: unknown, signal?: AbortSignal): Promise<T>;
  /** Has a handler called, once for all submissions with one key; resolves when that is durable. @throws BusbarError CLUSTER_… */
  submit(target: Target, input: unknown, key: string): Promise<Submitted>;
  /** Whether somebody still works on what was submitted. */
  isUnderWay(invocation: string): Promise<boolean>;
}

export interface Target {
  readonly service: string;
  /** Of an object. */
  readonly key?: string;
  readonly handler: string;
}

export interface Submitted {
  readonly invocation: string;
  /** It had been submitted before. */
  readonly again: boolean;
}

export function createIngress(url: string, tools: HttpTools): Ingress {
  const pathOf = ({ service, key, handler }: Target): string =>
    [service, ...(key === undefined ? [] : [key]), handler].map(encodeURIComponent).join("/");

  return {
    url,
    async call<T>(target: Target, input?: unknown, signal?: AbortSignal): Promise<T> {
      const answer = await send(tools, { url: `${url}/${pathOf(target)}`, body: input, ...(signal && { signal }) });
      return read<T>(answer, target);
    },
    async submit(target, input, key) {
      const headers = { "idempotency-key": key };
      const answer = await send(tools, { url: `${url}/${pathOf(target)}/send`, body: input, headers });
      const { invocationId, status } = read<{ readonly invocationId: string; readonly status: string }>(answer, target);
      return { invocation: invocationId, again: status !== "Accepted" };
    },
    async isUnderWay(invocation) {
      const answer = await send(tools, { url: `${url}/restate/invocation/${encodeURIComponent(invocation)}/output` });
      // 470 is its word for "not ready yet".
      return answer.status === 470;
    },
  };
}

function read<T>({ status, text, url }: HttpAnswer, { service, handler }: Target): T {
  if (status >= 200 && status < 300) return (text === "" ? null : JSON.parse(text)) as T;
  const what = `${service}/${handler}`;
  if (status === 404) {
    throw new BusbarError(
      "CLUSTER_NO_WORKERS",
      `Restate at ${url} knows no ${what}: no worker of Busbar is registered there`,
    );
  }
  throw new BusbarError("CLUSTER_FAILED", `Restate at ${url} answered ${what} with ${status}: ${messageOf(text)}`, {
    details: { status },
  });
}

function messageOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const message = isFields(value) ? value.message : undefined;
    return typeof message === "string" ? message : text.slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}
