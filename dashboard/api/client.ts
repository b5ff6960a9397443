// Calls the API with the types that are made of its description (schema.ts): a path, a parameter or a field that it does
// not have does not compile.
import type { components, paths } from "./schema.ts";

/** What is wrong, and what to do (RFC 9457). */
export type Problem = components["schemas"]["Problem"];

type Method = "get" | "post" | "put" | "delete";

/** The paths that take a method. */
type PathOf<M extends Method> = { [P in keyof paths]: undefined extends paths[P][M] ? never : P }[keyof paths];

type Parameters<O, K extends "path" | "query"> = O extends { readonly parameters: infer All }
  ? Pick<All, Extract<keyof All, K>>
  : object;

type Body<O> = O extends { readonly requestBody: { readonly content: { readonly "application/json": infer B } } }
  ? { readonly body: B }
  : object;

/** What any operation can be asked with. */
interface Asking {
  readonly signal?: AbortSignal;
  /** By which the server knows a start again. */
  readonly idempotencyKey?: string;
}

/** What an operation is asked with. */
type Ask<O> = Parameters<O, "path"> & Parameters<O, "query"> & Body<O> & Asking;

type Json<R> = R extends { readonly content: { readonly "application/json": infer J } } ? J : undefined;

/** What an operation answers where nothing is wrong. */
type Answer<O> = O extends { readonly responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 204>]> : never;

/** The API of one server. */
export interface ApiClient {
  /** @throws ApiError with the problem that the server told */
  call<M extends Method, P extends PathOf<M>>(method: M, path: P, ask: Ask<paths[P][M]>): Promise<Answer<paths[P][M]>>;
  /**
   * An event stream, as its messages come, until the server ends it or the signal aborts.
   * @throws ApiError with the problem that the server told; whatever `fetch` throws where the connection is lost
   */
  stream<P extends PathOf<"get">>(path: P, ask: Ask<paths[P]["get"]>): AsyncGenerator<readonly StreamMessage[]>;
}

/** One message of an event stream. */
export interface StreamMessage {
  /** `message` where it is what the stream is about. */
  readonly event: string;
  readonly data: unknown;
}

/** Thrown where the server answers with a problem. */
export interface ApiError extends Error {
  readonly problem: Problem;
}

/** The server gives a sign of life every 15 s on a stream: one that is silent for so long is dead. */
const SILENT_MS = 40_000;

/**
 * @param base the server's URL; empty in its own pages
 * @param onProblem told of every problem before it is thrown
 */
export function createApiClient(
  base: string,
  headers: { readonly [name: string]: string } = {},
  onProblem: (problem: Problem) => void = () => undefined,
): ApiClient {
  function refuse(problem: Problem): never {
    onProblem(problem);
    throw Object.assign(new Error(problem.detail), { name: problem.code, problem }) satisfies ApiError;
  }

  return {
    async call(method, path, ask) {
      const { path: values, query, body, signal, idempotencyKey } = ask as Untyped;
      const response = await fetch(`${base}${fill(path, values ?? {})}${search(query ?? {})}`, {
        method: method.toUpperCase(),
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await response.text();
      if (!response.ok) refuse(problemOf(response, text));
      if (response.status === 204) return undefined as never;
      // That it has the shape that is described is the server's word.
      return (parse(text) ?? refuse(notWhole(response))) as never;
    },
    async *stream(path, ask) {
      const { path: values, query, signal } = ask as Untyped;
      const silence = new AbortController();
      let timer = setTimeout(() => silence.abort(), SILENT_MS);
      try {
        const response = await fetch(`${base}${fill(path, values ?? {})}${search(query ?? {})}`, {
          headers: { accept: "text/event-stream", ...headers },
          signal: AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]),
        });
        if (!response.ok) refuse(problemOf(response, await response.text()));
        for await (const messages of readMessages(response)) {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENT_MS);
          for (const { event, data } of messages) if (event === "problem") refuse(data as Problem);
          yield messages;
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** What has come of a stream, whenever something comes: an empty list where it was a sign of life. */
async function* readMessages(response: Response): AsyncGenerator<readonly StreamMessage[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  try {
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      yield blocks.flatMap((block) => readMessage(block) ?? []);
    }
  } finally {
    // Whoever stops reading wants no more of it.
    await reader.cancel().catch(() => undefined);
  }
}

/** The server writes a message's data in one line, and nothing else that spaces or lines make ambiguous. */
function readMessage(block: string): StreamMessage | undefined {
  let event = "message";
  let data: string | undefined;
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    else if (line.startsWith("data: ")) data = line.slice(6);
  }
  return data === undefined ? undefined : { event, data: JSON.parse(data) };
}

/** The problem that was told; what stands between the browser and the server may refuse with something else. */
export function problemOf(response: Response, text: string): Problem {
  const told = parse(text);
  if (told !== undefined && "code" in told && "detail" in told) return told as Problem;
  return strange(response, `answers with status ${response.status}`);
}

/** An answer that was cut on its way, or is none of this server's. */
function notWhole(response: Response): Problem {
  return strange(response, "has sent an answer that cannot be read");
}

function strange({ status }: Response, does: string): Problem {
  return {
    type: "about:blank",
    title: "Strange answer",
    status,
    code: `HTTP_${status}`,
    detail: `the server, or something before it, ${does}`,
    remedy: "Try again in a moment; if it stays so, look at the log of `busbar serve` and of the proxy before it.",
  };
}

/** Every answer is an object. @returns undefined where it is not */
function parse(text: string): object | undefined {
  try {
    const told: unknown = JSON.parse(text);
    return typeof told === "object" && told !== null ? told : undefined;
  } catch {
    return undefined;
  }
}

export function isApiError(thrown: unknown): thrown is ApiError {
  return thrown instanceof Error && "problem" in thrown;
}

interface Untyped extends Asking {
  readonly path?: Values;
  readonly query?: Values;
  readonly body?: unknown;
}
type Values = { readonly [name: string]: string | number | undefined };

function fill(path: string, values: Values): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

function search(query: Values): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? "" : `?${given}`;
}
