// The description of the API as a contract: which answers it has, whether one fits it, and which were never given.
import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { ApiDocument } from "../../src/api/description.ts";
import { operationsOf } from "../../src/api/docs/page.ts";

/** One answer of an operation: `200`, `200 text/event-stream` (where there are several types), `RUN_NOT_FOUND`, or `422`. */
export type AnswerName = string;

export interface ContractOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly role: string;
  readonly parameters: readonly ContractParameter[];
  readonly hasBody: boolean;
  /** All that it may answer. */
  readonly answers: readonly AnswerName[];
}

export interface ContractParameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly type?: string; readonly enum?: readonly string[]; readonly pattern?: string };
}

/** A response as it came. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Contract {
  readonly operations: readonly ContractOperation[];
  /**
   * Holds a response against what its operation says.
   * @returns the answer that it is
   */
  check(operation: ContractOperation, received: Received): AnswerName;
}

interface Described {
  readonly content?: { readonly [type: string]: { readonly schema?: object } };
}

const ROOT = "openapi.json";

export function readContract(document: ApiDocument): Contract {
  // Other types than those of JSON's own are of no matter here.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: ROOT, ...(closed(document) as object) });
  const validators = new Map<string, ValidateFunction>();
  const places = new Map(operationsOf(document).map((place) => [place.operation.operationId, place]));

  return {
    operations: operationsOf(document).map(({ method, path, operation }) => ({
      id: operation.operationId ?? "",
      method,
      path,
      role: operation["x-role"] ?? "",
      parameters: (operation.parameters ?? []) as readonly ContractParameter[],
      hasBody: operation.requestBody !== undefined,
      answers: Object.entries(operation.responses).flatMap(([status, response]) => answersOf(status, response)),
    })),
    check({ id, method, path }, { status, headers, text }) {
      const where = `${id} answered ${status} with ${text.slice(0, 2_000)}`;
      assert.ok(status < 500, where);
      const response = places.get(id)?.operation.responses[status] as Described | undefined;
      assert.ok(response !== undefined, `${where}, which is not described`);
      const type = headers.get("content-type")?.split(";")[0]?.trim() ?? "";
      const types = Object.keys(response.content ?? {});
      if (types.length === 0) {
        assert.equal(text, "", `${where}, though it has no content`);
        return String(status);
      }
      // A file is of whatever type its name says.
      if (types[0] === "*/*") return String(status);
      assert.ok(types.includes(type), `${where} as ${type}; described are ${types}`);
      if (/[/+]json$/.test(type)) {
        const steps = ["paths", path, method.toLowerCase(), "responses", String(status), "content", type, "schema"];
        const pointer = steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1")));
        const ref = `${ROOT}#/${pointer.join("/")}`;
        const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
        validators.set(ref, validate);
        const value: unknown = JSON.parse(text);
        assert.ok(validate(value), `${where}, but ${ajv.errorsText(validate.errors)}`);
        if (type === "application/problem+json") {
          const { code } = value as { readonly code: string };
          return codesOf(response)?.includes(code) ? code : String(status);
        }
      }
      return types.length === 1 ? String(status) : `${status} ${type}`;
    },
  };
}

function answersOf(status: string, response: Described): readonly AnswerName[] {
  if (status === "default") return [];
  const types = Object.keys(response.content ?? {});
  return codesOf(response) ?? (types.length < 2 ? [status] : types.map((type) => `${status} ${type}`));
}

/** The codes that a problem may have; undefined for any of its status, and for what is no problem. */
function codesOf(response: Described): readonly string[] | undefined {
  const schema = response.content?.["application/problem+json"]?.schema as
    | {
        readonly allOf?: readonly { readonly properties?: { readonly code?: { readonly enum?: readonly string[] } } }[];
      }
    | undefined;
  return schema?.allOf?.[1]?.properties?.code?.enum;
}

/**
 * The same description, whose objects have no fields but those it names, unless it says that they may. Said where a shape
 * is used: a part of another (allOf) is not all of it.
 */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === "schema" || key === "items" || key === "additionalProperties") return [key, whole(inner)];
      if (key === "anyOf" || key === "oneOf") return [key, inner.map(whole)];
      if (key !== "properties") return [key, closed(inner)];
      return [key, Object.fromEntries(Object.entries(inner).map(([name, field]) => [name, whole(field)]))];
    }),
  );
}

function whole(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const isObject = "$ref" in schema || "allOf" in schema || "properties" in schema;
  return { ...(closed(schema) as object), ...(isObject ? { unevaluatedProperties: false } : {}) };
}
