import { quoteWord } from "../../../../src/kernel/quote-word.ts";
import type { FileChosen, FileNow } from "../../../model/file-now.ts";
import { curlLine } from "../../../parts/command/command-line.ts";

/**
 * The words to type for the choice.
 * @param words for the same as it was: `resume r1`
 * @param request where a name cannot be typed, since it looks like a file on one's own machine, or an option
 */
export function fileCommand(
  words: string,
  file: FileNow | undefined,
  chosen: FileChosen,
  request: { readonly path: string; readonly body?: object },
  origin?: string,
): string {
  if (chosen === "was" || file?.kind !== "changed") return words;
  const { name } = file;
  if (/\.(?:json|ya?ml)$/i.test(name) || name.startsWith("-")) {
    return curlLine("POST", request.path, { ...request.body, workflow: name }, origin);
  }
  return `${words} --file ${quoteWord(name)}`;
}
