// How this adapter speaks of containers, and of what they and their engine said.
import { basename } from "node:path";
import { quoteWord } from "../../kernel/quote-word.ts";
import { cleanForeign, type Secrets } from "../../kernel/secrets.ts";
import { cleanText } from "../../kernel/text.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import type { ClientEnd } from "./client.ts";
import type { Answer } from "./engine.ts";

/** Bytes of foreign words within a message. */
const MAX_WORDS_BYTES = 1024;
/** A command is recorded whole, up to what an event may hold. */
const MAX_COMMAND_BYTES = 65_536;

export function describeContainer(nodeId: string, request: Pick<ContainerRequest, "image">): string {
  return `the container of ${nodeId} (${cleanText(request.image, MAX_WORDS_BYTES)})`;
}

/** The engine as people call it: `docker`, also where the file gives its full path. */
export function engineName({ program }: Pick<ContainerRequest, "program">): string {
  return basename(program).replace(/\.exe$/i, "");
}

/**
 * The last line that says something. Masked before it is cut, so that no half of a
 * secret survives; of a very long line the end is kept.
 */
export function lastLine(text: string, secrets: Secrets): string {
  const line = linesOf(secrets.mask(text)).at(-1) ?? "";
  const end = line.length > MAX_WORDS_BYTES ? `…${line.slice(-MAX_WORDS_BYTES)}` : line;
  return secrets.mask(cleanText(end, 4 * MAX_WORDS_BYTES));
}

/** What follows the reason when a client does not understand its command line. */
const USAGE = /^(?:usage:|see '|run '|options:)/i;

/** The reason among what a client wrote to stderr, without `Error response from daemon:`. */
export function clientWords(stderr: string, secrets: Secrets): string {
  const lines = linesOf(secrets.mask(stderr)).filter((line) => !USAGE.test(line));
  const reason = lines.findLast((line) => /^(?:error|unknown|invalid|cannot|docker:|podman:)/i.test(line));
  const words = (reason ?? lines.at(-1) ?? "").replace(/^(?:error response from daemon|error|docker|podman): /i, "");
  const cut = words.length > MAX_WORDS_BYTES ? `${words.slice(0, MAX_WORDS_BYTES)}…` : words;
  return secrets.mask(cleanText(cut, 4 * MAX_WORDS_BYTES));
}

const NEVER_STARTED: { readonly [code: string]: string } = {
  ENOENT: "it is not installed here",
  EACCES: "this user may not run it (EACCES)",
};

export function describeEnd(end: ClientEnd, stderr: string, secrets: Secrets): string {
  if (end.ended === "never started") return NEVER_STARTED[end.reason] ?? end.reason;
  const words = clientWords(stderr, secrets);
  if (words !== "") return words;
  return end.ended === "killed" ? `its client was ended by ${end.signal}` : `it gave no reason (exit code ${end.code})`;
}

/** A client that was ended because its time was over says nothing of that itself. */
export function describeAnswer({ end, silent, stderr }: Answer, secrets: Secrets): string {
  return silent ? "it said nothing in time" : describeEnd(end, stderr, secrets);
}

/** For people to read and to paste into a shell. Masked before it is quoted, which may change how a secret reads. */
export function quoteCommand(program: string, args: readonly string[], secrets: Secrets): string {
  const quoted = [program, ...args].map((word) => quoteWord(secrets.mask(word)));
  return cleanForeign(quoted.join(" "), secrets, MAX_COMMAND_BYTES);
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
