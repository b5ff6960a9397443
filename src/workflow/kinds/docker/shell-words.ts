// The only place that knows how a shell would read a text; no shell is ever run. Loaded only for files that hold a
// command, because it brings a parser of bash with it.
import {
  type Assignment,
  type Command,
  type ParsedScript,
  parse,
  type Redirection,
  type Statement,
  type Word,
} from "unbash";
import { escapeControls } from "../../../kernel/text.ts";
import { quote } from "../../tree/raw.ts";
import type { Finding } from "./finding.ts";
import { problemOfWord } from "./word.ts";

/** One word of a command, with its quotes taken off. */
export interface ShellWord {
  readonly text: string;
  /** UTF-16 offsets within the command. */
  readonly start: number;
  readonly end: number;
}

/**
 * The words of one plain command, or all that only a shell could make of it: pipes, expansions, patterns,
 * redirections, a second command, … What is quoted stays as it is.
 */
export type SplitCommand = (command: string) => {
  readonly words: readonly ShellWord[];
  readonly findings: readonly Finding[];
};

export const splitCommand: SplitCommand = (text) => {
  const { start, end } = trimmed(text, 0, text.length, " \t\r\n");
  const { words, findings } = splitTrimmed(" ".repeat(start) + text.slice(start, end));
  return { words: words.map(({ value, pos, end }) => ({ text: value, start: pos, end })), findings };
};

function splitTrimmed(command: string): { readonly words: readonly Word[]; readonly findings: readonly Finding[] } {
  const unreadable = findControls(command);
  if (unreadable.length > 0) return { words: [], findings: unreadable };
  const script = parse(command);
  const broken = findErrors(script, command);
  if (broken.length > 0) return { words: [], findings: broken };
  const commands: Command[] = [];
  const findings = script.commands.flatMap((statement) => findInStatement(statement, command, commands));
  script.commands.slice(1).forEach((_, index) => {
    if (script.commands[index]?.background === true) return;
    findings.push(shell(command, ";", between(script.commands, command, index), SEPARATE));
  });
  for (const one of commands) findings.push(...findInCommand(one, command));
  const words = wordsOf(commands[0]);
  if (findings.length === 0) findings.push(...findRest(words, command));
  return { words, findings };
}

const INSIDE = "put it inside the container: IMAGE sh -c '…'";
const SEPARATE =
  "a node runs one command; make another node of what follows, or put it inside the container: IMAGE sh -c '…'";
const LITERAL = "put it in single quotes to pass it on as it reads";

/** What is wrong with a piece of the text, named in the message. */
function shell(command: string, what: string, at: Span, remedy: string): Finding {
  const piece = command.slice(at.start, at.end);
  const named = piece === "" || piece === what ? quote(what) : quote(piece);
  return {
    code: "WORKFLOW_SHELL_SYNTAX",
    message: `command: ${named} is for a shell, and there is none; ${remedy}`,
    within: at,
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text in quotes, also one whose end is missing, and a character after a backslash. */
const QUOTED = /'[^']*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|\\./gsu;

/** What may stand between words: blanks, and line breaks after a backslash, with which a long line goes on. */
const BETWEEN_WORDS = /^(?:[ \t]|\\\n)*$/;

/**
 * Control characters where nothing quotes them: a line break there is a second command. Within quotes they are data. So
 * are not: a NUL, and characters that make a command read differently from what it says.
 */
function findControls(command: string): readonly Finding[] {
  const bare = command.replace(QUOTED, (quoted) => quoted.replace(/[^\0\u202a-\u202e\u2066-\u2069]/g, "_"));
  const found = /[^\P{Cc}\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.exec(bare);
  if (found === null) return [];
  const [character] = found;
  const within = { start: found.index, end: found.index + 1 };
  const unpassable = problemOfWord(character);
  if (unpassable !== undefined) {
    return [{ code: "WORKFLOW_INVALID_VALUE", message: `command: it ${unpassable}`, within }];
  }
  const what =
    character === "\n" || character === "\r"
      ? "a line break in it; end the line with a backslash where the command goes on, or put the break in quotes"
      : `the character ${escapeControls(character)} in it; take it out, or use the form docker: { image, args, … }`;
  return [{ code: "WORKFLOW_SHELL_SYNTAX", message: `command: there is ${what}`, within }];
}

function findErrors(script: ParsedScript, command: string): readonly Finding[] {
  const first = script.errors?.[0];
  if (first === undefined) return [];
  const at = { start: Math.min(first.pos, command.length - 1), end: command.length };
  if (/unterminated (?:single|double) quote/.test(first.message)) {
    return [{ code: "WORKFLOW_INVALID_VALUE", message: "command: it has a quote that is not closed", within: at }];
  }
  return [shell(command, command.slice(at.start, at.end), at, `write one plain command; ${LITERAL}`)];
}

/** The text between two neighbours of a list: the operator that joins them. */
function between(
  list: readonly { readonly pos: number; readonly end: number }[],
  command: string,
  index: number,
): Span {
  return trimmed(command, list[index]?.end ?? 0, list[index + 1]?.pos ?? command.length);
}

/** A part of the text without the white space at its ends. */
function trimmed(text: string, from: number, to: number, blanks = " \t"): Span {
  let [start, end] = [from, to];
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return { start, end };
}

/** @param commands collects the simple commands */
function findInStatement(statement: Statement, command: string, commands: Command[]): Finding[] {
  const findings: Finding[] = [];
  const walk = (node: Statement["command"]): void => {
    switch (node.type) {
      case "Command":
        commands.push(node);
        return;
      case "Pipeline":
      case "AndOr": {
        const piped = node.type === "Pipeline";
        for (const prefix of piped ? node.prefixes : []) {
          const at = { start: prefix.pos, end: prefix.end };
          findings.push(shell(command, "!", at, "leave it out"));
        }
        node.operators.forEach((operator, index) => {
          const at = between(node.commands, command, index);
          findings.push(shell(command, operator, at, piped ? INSIDE : SEPARATE));
        });
        node.commands.forEach(walk);
        return;
      }
      default: {
        const at = { start: node.pos, end: node.end };
        findings.push(shell(command, node.type, at, `write one plain command; ${INSIDE}`));
      }
    }
  };
  walk(statement.command);
  if (statement.background === true) {
    const start = command.indexOf("&", statement.command.end);
    const at = { start, end: start + 1 };
    findings.push(shell(command, "&", at, "leave it out: nodes that do not depend on each other run at once"));
  }
  return findings;
}

function findInCommand(node: Command, command: string): readonly Finding[] {
  const findings = node.prefix.map((one) => findNoWord(one, command));
  for (const one of node.suffix) if (one.type !== "Word") findings.push(findNoWord(one, command));
  for (const word of wordsOf(node)) findings.push(...findInWord(word, command));
  return findings;
}

function findNoWord(node: Assignment | Redirection, command: string): Finding {
  const at = { start: node.pos, end: node.end };
  if (node.type !== "Assignment") {
    return shell(
      command,
      "a redirection",
      at,
      "what a container prints is in the run's log (busbar logs), and what it reads comes from its volumes",
    );
  }
  return shell(command, node.text, at, `write docker run -e ${node.name}=… for the container`);
}

function wordsOf(node: Command | undefined): readonly Word[] {
  if (node?.name === undefined) return [];
  return [node.name, ...node.suffix.filter((one): one is Word => one.type === "Word")];
}

function findInWord(word: Word, command: string): readonly Finding[] {
  const findings: Finding[] = [];
  for (const part of word.parts ?? []) {
    const inner = part.type === "DoubleQuoted" ? part.parts : [part];
    for (const one of inner) {
      const at = { start: one.pos, end: one.end };
      switch (one.type) {
        case "Literal":
        case "SingleQuoted":
          break;
        case "SimpleExpansion":
        case "ParameterExpansion":
        case "ArithmeticExpansion":
          findings.push(
            shell(
              command,
              one.text,
              at,
              "write its value out, or use the form docker: { … }, which takes ${params.NAME}",
            ),
          );
          break;
        case "CommandExpansion":
        case "ProcessSubstitution":
          findings.push(shell(command, one.text, at, `write its output out, or ${INSIDE}`));
          break;
        case "AnsiCQuoted":
        case "LocaleString":
          findings.push(shell(command, one.text, at, "use plain quotes: '…'"));
          break;
        default:
          findings.push(shell(command, one.text, at, LITERAL));
      }
    }
  }
  // A shell would put the home folder here, or the writer of the file expects it to.
  const tilde = /(?:^|[:=])~/.exec(word.text);
  if (tilde !== null) {
    const start = word.pos + tilde.index + tilde[0].length - 1;
    findings.push(shell(command, "~", { start, end: start + 1 }, "write the path of the home folder out"));
  }
  return findings;
}

/** A word of plain characters, backslash and character, and quotes in which nothing expands. */
const PLAIN_WORD = /^(?:[^ \t\r\n|&;<>()$`"'\\*?]|\\[^\n]|'[^']*'|"(?:[^"$`\\]|\\[^\n])*")+$/u;

/**
 * Checks once more, without trusting the parser: between the words there is only white space, each word is plain as it
 * is written, and without its quotes it is what the parser says.
 */
function findRest(words: readonly Word[], command: string): readonly Finding[] {
  let at = 0;
  const findings: Finding[] = [];
  const gap = (to: number): void => {
    if (BETWEEN_WORDS.test(command.slice(at, to))) return;
    const rest = trimmed(command, at, to);
    const text = command.slice(rest.start, rest.end);
    const remedy = text.startsWith("#") ? `leave it out, or ${LITERAL}` : SEPARATE;
    findings.push(shell(command, text, rest, remedy));
  };
  for (const word of words) {
    gap(word.pos);
    at = word.end;
    const raw = command.slice(word.pos, word.end);
    if (PLAIN_WORD.test(raw) && withoutQuotes(raw) === word.value) continue;
    findings.push(shell(command, raw, { start: word.pos, end: word.end }, LITERAL));
  }
  gap(command.length);
  return findings;
}

function withoutQuotes(raw: string): string {
  return raw.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gu,
    (_, single?: string, double?: string, escaped?: string) => {
      return single ?? double?.replace(/\\([$`"\\])/g, "$1") ?? escaped ?? "";
    },
  );
}
