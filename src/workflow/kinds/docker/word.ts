/**
 * What is wrong with a text that becomes a word of a command line or the value of a variable. No shell reads it, so that
 * line breaks, tabs and all other characters are data; only a NUL ends every text that a system can be given.
 */
export function problemOfWord(text: string): string | undefined {
  return text.includes("\0") ? "has a NUL character in it, which cannot be passed to any program" : undefined;
}
