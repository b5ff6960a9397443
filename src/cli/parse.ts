import { parseArgs } from "node:util";
import { BusbarError } from "../kernel/errors.ts";
import { createSuggester } from "../workflow/tree/suggest.ts";
import type { Command, Option } from "./command.ts";
import { COMMON_OPTIONS } from "./options.ts";
import { quoteArgument } from "./render/quote.ts";
import type { Values } from "./values.ts";

/** What can only be meant as an option. */
const OPTION = /^(?:-h|--[a-z][a-z-]*(?:=.*)?)$/s;

/**
 * Reads the arguments of one command.
 *
 * Node's own parser does the splitting; the messages are ours, because a tired
 * operator needs the name of the command and what was probably meant.
 *
 * @throws BusbarError USAGE
 */
export function parseCommand(command: Command, argv: readonly string[]): Values {
  const options = [...command.options, ...COMMON_OPTIONS];
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(
        options.map((o) => [o.name, { type: o.value === undefined ? ("boolean" as const) : ("string" as const) }]),
      ),
      help: { type: "boolean", short: "h" },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = options.find((o) => o.name === token.name);
    if (option === undefined) throw unknownOption(command, token.rawName, argv[token.index] ?? "", options);
    const value = checkedValue(command, option, token.value, token.inlineValue === true);
    const before = given.get(option.name);
    if (before !== undefined && option.value !== undefined && option.multiple !== true) {
      throw usage(command, `--${option.name} stands twice`);
    }
    given.set(option.name, [...(before ?? []), value]);
  }
  if (!given.has("help")) checkPositionals(command, positionals);
  return createValues(command, options, given, positionals);
}

function checkedValue(command: Command, option: Option, value: string | undefined, inline: boolean): string {
  if (option.value === undefined) {
    if (inline) throw usage(command, `--${option.name} takes no value`);
    return "";
  }
  // What looks like the next option is not taken for a value, unless it is glued on with "=".
  if (value === undefined || value === "" || (!inline && /^-[^0-9]/.test(value))) {
    throw usage(command, `--${option.name} needs a value: --${option.name} ${option.value}${howToGlue(option, value)}`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw usage(
      command,
      `--${option.name} is one of ${option.choices.join(", ")}, not "${value}"`,
      nearest(value, option.choices),
    );
  }
  return value;
}

/** Of a value that is none since it begins with a dash, where it is no option either. */
function howToGlue({ name }: Option, value = ""): string {
  if (!value.startsWith("-") || OPTION.test(value)) return "";
  return `; one that begins with - stands after =: --${name}=${quoteArgument(value)}`;
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const missing = command.positionals[given.length];
  if (missing !== undefined && missing.optional !== true) {
    throw usage(command, `${missing.name} is missing (${missing.about})`);
  }
  const extra = given[command.positionals.length];
  if (extra !== undefined) throw usage(command, `"${extra}" is one argument too many`);
}

function createValues(
  command: Command,
  options: readonly Option[],
  given: ReadonlyMap<string, readonly string[]>,
  positionals: readonly string[],
): Values {
  const declares = (name: string): boolean => options.some((o) => o.name === name);
  const list = (name: string): readonly string[] => {
    if (!declares(name)) throw new Error(`busbar ${command.name} declares no option --${name}`);
    return given.get(name) ?? [];
  };
  return {
    positional: (index) => positionals[index],
    declares,
    flag: (name) => list(name).length > 0,
    text: (name) => list(name)[0],
    list,
    milliseconds(name, fallbackSeconds) {
      const text = list(name)[0];
      const seconds = text === undefined ? fallbackSeconds : Number(text);
      if (!Number.isFinite(seconds) || seconds < 0 || text?.trim() === "") {
        throw usage(command, `--${name} is a number of seconds from 0 on, not "${text}"`);
      }
      return seconds * 1000;
    },
    integer(name, fallback) {
      const text = list(name)[0];
      if (text === undefined) return fallback;
      const value = Number(text);
      if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
        throw usage(command, `--${name} is a whole number from 0 on, not "${text}"`);
      }
      return value;
    },
  };
}

/**
 * @param rawName the option that there is not; the first letter, where one dash stands before several
 * @param word    the argument that it stands in
 */
function unknownOption(command: Command, rawName: string, word: string, options: readonly Option[]): BusbarError {
  const names = options.map((o) => `--${o.name}`);
  const no = (name: string): string => `busbar ${command.name} has no option ${name}`;
  if (isVersion(word)) return usage(command, no(word), "`busbar --version`");
  const [oneDash] = /^-[^-=][^=]+/.exec(word) ?? [];
  if (oneDash !== undefined) {
    const twoDashes = `-${oneDash}`;
    const meant = names.includes(twoDashes) ? twoDashes : nearest(twoDashes, names);
    if (meant !== undefined) return usage(command, no(oneDash), meant);
  }
  return usage(command, no(rawName), nearest(rawName, names));
}

function usage(command: Command, message: string, suggestion?: string): BusbarError {
  const meant = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  return new BusbarError("USAGE", `${message}.${meant} See \`busbar ${command.name} --help\`.`);
}

/** How other programs are asked for their version. */
export function isVersion(word: string): boolean {
  return /^-{0,2}v(?:ersion)?$/i.test(word);
}

/** What was probably meant: an option whose beginning was typed, or one that differs by a slip. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const begins = word.length > 3 ? candidates.filter((candidate) => candidate.startsWith(word)) : [];
  return begins.length === 1 ? begins[0] : createSuggester()(word, candidates);
}
