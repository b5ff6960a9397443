import { asClause } from "./sentences.ts";
import { reasonOf } from "./thrown.ts";

/** What the file system and the network say by a code. Whoever embeds them names the thing itself. */
const WORDS: { readonly [code: string]: string } = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file",
  ENOTDIR: "a part of the path is no directory",
  EISDIR: "it is a directory",
  EEXIST: "something else of that name is there",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EMFILE: "this process has too many files open",
};

/**
 * Why something failed, to stand inside a sentence of ours: no class name, no code where there are words, and no full
 * stop at its end.
 */
export function describeFailure(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return WORDS[code] ?? asClause(reasonOf(thrown));
}

/** The same of a code alone, which stands for itself where there are no words. */
export function describeCode(code: string): string {
  return WORDS[code] ?? code;
}
