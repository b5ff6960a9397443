import { isErrorCode } from "../../kernel/error-table.ts";
import { BusbarError, toErrorInfo } from "../../kernel/errors.ts";
import { asSentence } from "../../kernel/sentences.ts";
import { peek } from "../../kernel/thrown.ts";

/**
 * The error that a server tells of (RFC 9457), as it was thrown there.
 * @returns undefined for what is no problem of ours
 */
export function errorOfProblem(problem: unknown): BusbarError | undefined {
  const [code, message] = [peek(problem, "code"), peek(problem, "detail")];
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  const { details } = toErrorInfo({ name: "BusbarError", code, message, details: peek(problem, "details") });
  // What a newer server says has no remedy here.
  const remedy = isErrorCode(code) ? undefined : peek(problem, "remedy");
  const told = typeof remedy === "string" && remedy !== "" ? `${asSentence(message)} ${remedy}` : message;
  return new BusbarError(code as BusbarError["code"], told, details === undefined ? {} : { details });
}
