import { quote } from "../../tree/raw.ts";
import type { Finding } from "./finding.ts";
import type { OptionValue } from "./judgement.ts";
import { findOption, optionNames, otherProgram, type Program } from "./option-names.ts";
import type { ShellWord } from "./shell-words.ts";

export interface CommandOption {
  /** The long name, without dashes. */
  readonly name: string;
  readonly value: OptionValue;
  /** Offsets of the words it was written with. */
  readonly within: { readonly start: number; readonly end: number };
}

export interface OptionsResult {
  readonly options: readonly CommandOption[];
  /** The image and its arguments. */
  readonly rest: readonly ShellWord[];
  readonly findings: readonly Finding[];
  /** An option was not known, so that where the image stands is a guess. */
  readonly uncertain: boolean;
}

/**
 * Tells options from the image as the engines' clients do (Go's pflag, not interspersed): `--name=value`,
 * `--name value`, `-v value`, `-vvalue`, `-v=value`, letters in a row, `--` for the end; a value may begin with a
 * dash, a flag takes one after `=` only.
 * @param words what follows `run`
 */
export function readOptions(
  words: readonly ShellWord[],
  program: Program,
  suggest: (wrong: string, candidates: Iterable<string>) => string | undefined,
): OptionsResult {
  const options: CommandOption[] = [];
  const findings: Finding[] = [];
  let uncertain = false;
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] as ShellWord;
    if (!word.text.startsWith("-") || word.text === "-") break;
    if (word.text === "--") {
      index += 1;
      break;
    }
    const meant = longNameWithOneDash(word.text, program);
    if (meant !== undefined) {
      const within = { start: word.start, end: word.end };
      findings.push({ ...invalid(`${quote(word.text)} has one dash too few`, within), suggestion: meant });
      uncertain = true;
      continue;
    }
    for (const { written, attached } of splitOption(word.text, program)) {
      const option = findOption(program, written);
      const within = { start: word.start, end: word.end };
      if (option === undefined) {
        findings.push(unknownOption(written, program, within, suggest));
        uncertain = true;
        // Most options take a value; a guess that serves to find more to say about the rest.
        if (attached === undefined && !(words[index + 1]?.text ?? "-").startsWith("-")) index += 1;
      } else if (option.takesValue) {
        const value = attached ?? words[index + 1]?.text;
        if (attached === undefined) index += 1;
        const end = words[index]?.end ?? word.end;
        if (value === undefined) findings.push(invalid(`--${option.name} needs a value`, within));
        else options.push({ name: option.name, value, within: { ...within, end } });
      } else if (attached === undefined || attached === "true" || attached === "false") {
        options.push({ name: option.name, value: attached !== "false", within });
      } else {
        findings.push(invalid(`--${option.name} takes =true or =false, not ${quote(attached)}`, within));
      }
    }
  }
  return { options, rest: words.slice(index), findings, uncertain };
}

/**
 * A word like `-name`: the client reads the letter n with the value `ame`, which nobody means. Two letters (`-it`) may
 * be two options.
 */
function longNameWithOneDash(word: string, program: Program): string | undefined {
  const name = /^-[a-z][a-z-]{2,}(?=$|=)/.exec(word)?.[0];
  return name !== undefined && findOption(program, `-${name}`) !== undefined ? `-${name}` : undefined;
}

interface OptionWord {
  /** With its dashes. */
  readonly written: string;
  /** What stands in the same word as its value. */
  readonly attached: string | undefined;
}

function splitOption(word: string, program: Program): readonly OptionWord[] {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    if (equals < 0) return [{ written: word, attached: undefined }];
    return [{ written: word.slice(0, equals), attached: word.slice(equals + 1) }];
  }
  const found: OptionWord[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const written = `-${word.charAt(at)}`;
    const rest = word.slice(at + 1);
    // To pflag `-v=` is the letter v with the value `=`.
    if (rest.startsWith("=") && rest.length > 1) return [...found, { written, attached: rest.slice(1) }];
    if (findOption(program, written)?.takesValue !== false) {
      return [...found, { written, attached: rest === "" ? undefined : rest }];
    }
    found.push({ written, attached: undefined });
  }
  return found;
}

function unknownOption(
  written: string,
  program: Program,
  within: CommandOption["within"],
  suggest: (wrong: string, candidates: Iterable<string>) => string | undefined,
): Finding {
  const other = otherProgram(program);
  if (findOption(other, written) !== undefined) {
    return invalid(`${written} is an option of ${other} run; this is ${program} run`, within);
  }
  const suggestion = written.startsWith("--") ? suggest(written, optionNames(program)) : undefined;
  const finding = invalid(`${quote(written)} is no option of ${program} run that Busbar knows`, within);
  return { ...finding, suggestion, remedy: "Mend its spelling, or leave it out." };
}

function invalid(message: string, within: CommandOption["within"]): Finding {
  return { code: "WORKFLOW_INVALID_VALUE", message: `command: ${message}`, within };
}
