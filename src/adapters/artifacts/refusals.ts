import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import { escapeUnseen } from "../../kernel/text.ts";

/** @param name a part of the path: where the folder is on this machine is nobody's business */
export function notFound(name: string, why: string, cause?: unknown): never {
  throw new BusbarError("ARTIFACT_NOT_FOUND", `${shown(name)} ${why}`, { cause });
}

export function refused(name: string, why: string, cause?: unknown): never {
  throw new BusbarError("ARTIFACT_REFUSED", `${shown(name)} ${why}`, { cause });
}

/** What the file system said, in our words. */
export function sayWhy(thrown: unknown, name: string): never {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") notFound(name, "is not there", thrown);
  if (code === "ELOOP") refused(name, "is a link, and those are not followed", thrown);
  refused(name, `cannot be opened: ${describeFailure(thrown)}`, thrown);
}

export function changed(name: string): BusbarError {
  return new BusbarError("ARTIFACT_CHANGED", `${shown(name)} was changed while it was read`);
}

function shown(name: string): string {
  return quoteWord(escapeUnseen(name));
}
