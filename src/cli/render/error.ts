import type { Finding } from "../../engine/finding.ts";
import { type ErrorInfo, type RemedySubject, remedyOf } from "../../kernel/errors.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { FormatCommand } from "../format-command.ts";
import type { Style } from "./style.ts";

/** What an error is about, and how commands are typed here: for what it advises. */
export interface ErrorSubject extends RemedySubject {
  readonly formatCommand?: FormatCommand;
}

/** Errors whose messages say what to do now, and better than one remedy for all of them could. */
const SAY_IT_THEMSELVES: readonly string[] = ["USAGE", "ADDRESS_UNAVAILABLE"];

/** `CODE: message`, or `CODE` where there is none, then what to do about it. Ends in a newline. */
export function renderError(error: ErrorInfo, style: Style, subject: ErrorSubject = {}): string {
  const remedy = SAY_IT_THEMSELVES.includes(error.code) ? "" : typeable(remedyOf(error, subject), subject);
  return renderProblem(error.code, error.message, escapeControls(remedy), style);
}

/** The remedy with Busbar's commands as they have to be typed here. */
function typeable(remedy: string, { formatCommand = (words) => `busbar ${words}` }: ErrorSubject): string {
  return remedy.replace(/`busbar ([^`]+)`/g, (_, words: string) => `\`${formatCommand(words)}\``);
}

/** What preflight found: an error with what to do about it, or a warning. Ends in a newline. */
export function renderFinding(finding: Finding, style: Style, subject: ErrorSubject = {}): string {
  if (finding.severity === "error") return renderError(finding, style, subject);
  return `${style.yellow(`warning ${finding.code}`)}: ${escapeControls(finding.message)}\n`;
}

function renderProblem(code: string, message: string, remedy: string, style: Style): string {
  const head = `${style.red(code)}${message === "" ? "" : `: ${escapeControls(message)}`}\n`;
  return remedy === "" || message.includes(remedy) ? head : `${head}  ${style.dim("→")} ${remedy}\n`;
}

/** The findings that a failed preflight recorded with the run's end, if that is what ended it. */
export function findingsOf(error: ErrorInfo | undefined): readonly Finding[] {
  const found = error?.details?.findings;
  return Array.isArray(found) ? found.filter(isFinding) : [];
}

function isFinding(value: unknown): value is Finding {
  if (typeof value !== "object" || value === null) return false;
  const { severity, code, message } = value as Partial<Record<keyof Finding, unknown>>;
  return (severity === "error" || severity === "warning") && typeof code === "string" && typeof message === "string";
}
