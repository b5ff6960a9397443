// Answers that every operation of a kind gives, asked for as the description says.
import { createHash } from "node:crypto";
import { ROLES, type Role } from "../../src/api/access/caller.ts";
import type { Case } from "./cases.ts";
import type { AnswerName, ContractOperation } from "./contract.ts";
import { type Ask, MALFORMED } from "./world.ts";

/** @returns how to get an answer; undefined where that takes a case of its own (cases/) */
export function deriveCase(operation: ContractOperation, answer: AnswerName): Case | undefined {
  const { hasBody, role, parameters } = operation;
  const body = hasBody ? { body: {} } : {};
  switch (answer) {
    case "FORBIDDEN": {
      const lower = ROLES[ROLES.indexOf(role as Role) - 1];
      return lower === undefined ? undefined : () => ({ role: lower, ...body });
    }
    case "TOKEN_REQUIRED":
      return () => ({ role: "nobody", headers: { "sec-fetch-site": "same-origin" }, ...body });
    case "TOKEN_INVALID":
      return () => ({ headers: { ...from(operation.id), authorization: "Bearer none" }, ...body });
    case "TOO_MANY_LOGINS":
      return async (world) => {
        const ask: Ask = { headers: { ...from("many"), authorization: "Bearer none" }, ...body };
        for (let status = 0; status !== 429; ) ({ status } = await world.send(operation, ask));
        return ask;
      };
    case "HOST_UNKNOWN":
      return () => ({ headers: { "x-forwarded-host": "evil.example" }, ...body });
    case "ORIGIN_FOREIGN":
      return () => ({ headers: { origin: "http://evil.example", cookie: "a=b" }, ...body });
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

/** Of an address of its own. */
function from(name: string): { readonly "x-forwarded-for": string } {
  const [a, b, c] = createHash("sha256").update(name).digest();
  return { "x-forwarded-for": `10.${a}.${b}.${c}` };
}
