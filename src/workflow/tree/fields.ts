/**
 * What may stand under a key. The tables of keys are made of these; read-fields.ts reads by them and schema/ turns
 * them into JSON Schema.
 */
export type Field =
  /**
   * `min` and `max` characters; control characters only where they are allowed. `references` says where references
   * are filled in, as they are not here.
   */
  | {
      readonly kind: "text";
      readonly min: number;
      readonly max: number;
      readonly controls: boolean;
      readonly references?: string;
    }
  /** A non-empty text with references; `env` ones only where they are allowed, `run` ones not where all runs are to agree. */
  | { readonly kind: "template"; readonly env: boolean; readonly run: boolean }
  | { readonly kind: "integer"; readonly min: number; readonly max: number; readonly default?: number }
  /** Greater than `above`. */
  | { readonly kind: "number"; readonly above: number; readonly max: number; readonly default?: number }
  /** Seconds in the file, milliseconds afterwards; null, where it is allowed, is the default. */
  | {
      readonly kind: "seconds";
      readonly above: 0;
      readonly max: number;
      readonly default?: number;
      readonly nullable: boolean;
    }
  | { readonly kind: "boolean"; readonly default?: boolean }
  /** With `anyCase` in upper and lower case alike; it is read as it stands here. */
  | { readonly kind: "choice"; readonly of: readonly string[]; readonly default?: string; readonly anyCase?: boolean }
  /** `what` they are, for messages. */
  | {
      readonly kind: "choices";
      readonly what: string;
      readonly of: readonly string[];
      readonly default?: readonly string[];
    }
  | { readonly kind: "integers"; readonly min: number; readonly max: number }
  /** A name or a list of names; where it is allowed also null or an empty text, which are no name. */
  | { readonly kind: "names"; readonly nullable: boolean }
  /** `elsewhere` says, of keys that the object does not have, where they belong. */
  | { readonly kind: "object"; readonly fields: Fields; readonly owner: string; readonly elsewhere?: Hints }
  /** Read by code of its own. */
  | { readonly kind: "own" };

type Hints = { readonly [key: string]: string };

export type Fields = { readonly [key: string]: Field };

/** semantics.md, "Retry, timeout, idempotency". */
export const MAX_SECONDS = 2_000_000;
/** With two paths at their longest a node's request still fits an event of 64 KiB. */
export const MAX_PATH_LENGTH = 4096;

export const text = (max: number, options: { min?: number; controls?: boolean; references?: string } = {}) =>
  ({ kind: "text", max, ...options, min: options.min ?? 1, controls: options.controls ?? false }) as const;
export const template = (options: { env?: boolean; run?: boolean } = {}) =>
  ({ kind: "template", env: options.env ?? false, run: options.run ?? true }) as const;
export const integer = (min: number, max: number, initial?: number) =>
  ({ kind: "integer", min, max, ...(initial === undefined ? {} : { default: initial }) }) as const;
export const number = (above: number, max: number, initial?: number) =>
  ({ kind: "number", above, max, ...(initial === undefined ? {} : { default: initial }) }) as const;
/** @param initialMs the default, in milliseconds */
export const seconds = (initialMs?: number, options: { nullable?: boolean } = {}) =>
  ({
    kind: "seconds",
    above: 0,
    max: MAX_SECONDS,
    nullable: options.nullable ?? false,
    ...(initialMs === undefined ? {} : { default: initialMs / 1000 }),
  }) as const;
export const boolean = (initial?: boolean) =>
  ({ kind: "boolean", ...(initial === undefined ? {} : { default: initial }) }) as const;
export const choice = <const T extends string>(of: readonly T[], initial?: T) =>
  ({ kind: "choice", of, ...(initial === undefined ? {} : { default: initial }) }) as const;
export const choiceInAnyCase = <const T extends string>(of: readonly T[]) =>
  ({ kind: "choice", of, anyCase: true }) as const;
export const choices = <const T extends string>(what: string, of: readonly T[], initial: readonly T[]) =>
  ({ kind: "choices", what, of, default: initial }) as const;
export const names = (options: { nullable: boolean }) => ({ kind: "names", nullable: options.nullable }) as const;
export const integers = (min: number, max: number) => ({ kind: "integers", min, max }) as const;
export const object = <const T extends Fields>(owner: string, fields: T, elsewhere: Hints = {}) =>
  ({ kind: "object", owner, fields, elsewhere }) as const;
export const own = { kind: "own" } as const;
