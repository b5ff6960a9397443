/** An argument as one would type it in a POSIX shell. */
export function quoteArgument(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
