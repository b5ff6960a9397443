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
}

/** Thrown where the server answers with a problem. */
export interface ApiError extends Error {
  readonly problem: Problem;
}

/**
 * @param base the server's URL; empty in its own pages
 * @param onProblem told of every problem before it is thrown
 */
export function createApiClient(
  base: string,
  headers: { readonly [name: string]: string } = {},
  onProblem: (problem: Problem) => void = () => undefined,
): ApiClient {
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
      const answer = text === "" ? undefined : JSON.parse(text);
      if (response.ok) return answer;
      const problem = answer as Problem;
      onProblem(problem);
      throw Object.assign(new Error(problem.detail), { name: problem.code, problem }) satisfies ApiError;
    },
  };
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
