/**
 * Whether what reads an output can show more than ASCII: as the locale says (POSIX: LC_ALL, then LC_CTYPE, then LANG).
 * Containers and services have none, and are read by what knows UTF-8. The consoles of Windows that know it say who
 * they are.
 */
export function showsUnicode(options: {
  readonly platform: NodeJS.Platform;
  readonly isTerminal: boolean;
  readonly env: (name: string) => string | undefined;
}): boolean {
  const { platform, isTerminal, env } = options;
  const locale = env("LC_ALL") || env("LC_CTYPE") || env("LANG");
  if (locale) return /utf-?8/i.test(locale);
  return platform !== "win32" || !isTerminal || CONSOLES.some((name) => Boolean(env(name)));
}

/** Set by Windows Terminal, by the terminals of editors, by ConEmu, by MSYS and Cygwin. */
const CONSOLES = ["WT_SESSION", "TERM_PROGRAM", "TERMINAL_EMULATOR", "ConEmuANSI", "TERM"];

/** Every mark that Busbar prints, and its ASCII. Texts of others are not ours to change. */
const ASCII: { readonly [mark: string]: string } = {
  "…": "...",
  "→": "->",
  "·": ".",
  "»": ">",
  "✓": "+",
  "✗": "x",
  "▸": ">",
  "◦": "o",
  "–": "-",
  "■": "#",
  "█": "#",
  "◄": "<",
  µ: "u",
  "␡": "?",
  "\uFFFD": "?",
  "⠋": "|",
  "⠙": "/",
  "⠹": "-",
  "⠸": "\\",
  "⠼": "|",
  "⠴": "/",
  "⠦": "-",
  "⠧": "\\",
  "⠇": "|",
  "⠏": "/",
};
const MARKS = new RegExp(`[${Object.keys(ASCII).join("")}]`, "gu");

/** A text with its marks in ASCII. */
export function toAsciiMarks(text: string): string {
  return text.replace(MARKS, (mark) => ASCII[mark] ?? mark);
}
