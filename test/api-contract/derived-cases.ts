// Answers that every operation of a kind gives, asked for as the description says.
import { ROLES, type Role } from "../../src/api/access/caller.ts";
import type { Case } from "./cases.ts";
import type { AnswerName, ContractOperation } from "./contract.ts";
import { MALFORMED } from "./world.ts";

/** @returns how to get an answer; undefined where that takes a case of its own (cases/) */
export function deriveCase(operation: ContractOperation, answer: AnswerName): Case | undefined {
  const { hasBody, role, parameters } = operation;
  const body = hasBody ? { body: {} } : {};
  switch (answer) {
    case "FORBIDDEN": {
      const lower = ROLES[ROLES.indexOf(role as Role) - 1];
      return lower === undefined ? undefined : () => ({ role: lower, ...body });
    }
    case "RUN_NOT_FOUND":
      return parameters.some(({ name }) => name === "run_id") ? () => body : undefined;
    case "MEDIA_TYPE":
      return () => ({ body: "{}", headers: { "content-type": "text/plain" } });
    case "REQUEST_INVALID": {
      if (hasBody) return () => ({ body: "{" });
      const inPath = parameters.filter(({ in: where }) => where === "path");
      if (inPath.length > 0) return () => ({ path: Object.fromEntries(inPath.map(({ name }) => [name, MALFORMED])) });
      const strict = parameters.find(
        ({ in: where, schema }) => where === "query" && (schema.enum !== undefined || schema.type === "integer"),
      );
      return strict === undefined ? undefined : () => ({ query: { [strict.name]: " " } });
    }
    default:
      return undefined;
  }
}
