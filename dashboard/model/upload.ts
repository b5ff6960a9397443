// A workflow file that is to be stored, and the same as a command.
import { quoteWord } from "../../src/kernel/quote-word.ts";
import type { Diagnostic } from "../api/shapes.ts";

export type Format = "json" | "yaml";

/** By the name of the file, else by how the text begins. */
export function formatOf(fileName: string | undefined, text: string): Format {
  if (fileName !== undefined && /\.json$/i.test(fileName)) return "json";
  if (fileName !== undefined && /\.ya?ml$/i.test(fileName)) return "yaml";
  return /^\s*[{[]/.test(text) ? "json" : "yaml";
}

/**
 * What a person types to do the same.
 * @param name under which it is stored; left out: the one that it says
 */
export function uploadCommand(
  fileName: string | undefined,
  format: Format,
  name: string | undefined,
  origin: string,
): string {
  const file = quoteWord(fileName ?? `workflow.${format}`);
  const body = `"$(jq -n --rawfile text ${file} '{format: "${format}", $text}')"`;
  const [method, path] = name === undefined ? ["POST", ""] : ["PUT", `/${encodeURIComponent(name)}`];
  const headers = `-H "authorization: Bearer $BUSBAR_TOKEN" -H 'content-type: application/json'`;
  return `curl -f -X ${method} ${headers} -d ${body} ${quoteWord(`${origin}/api/v1/workflows${path}`)}`;
}

/** All that is wrong with what was refused, where the server tells that. */
export function diagnosticsOf(problem: {
  readonly details?: { readonly [key: string]: unknown };
}): readonly Diagnostic[] {
  const found = problem.details?.diagnostics;
  return Array.isArray(found) ? found.filter(isDiagnostic) : [];
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return (
    typeof value === "object" &&
    value !== null &&
    "line" in value &&
    typeof value.line === "number" &&
    "message" in value &&
    typeof value.message === "string"
  );
}
