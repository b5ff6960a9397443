/**
 * Options of `docker run` that take no value. All others do, as the next word or after `=`; this is how the
 * image, where the options end, is told from a value.
 */
const FLAGS = new Set([
  "--detach",
  "--disable-content-trust",
  "--help",
  "--init",
  "--interactive",
  "--no-healthcheck",
  "--oom-kill-disable",
  "--privileged",
  "--publish-all",
  "--quiet",
  "--read-only",
  "--rm",
  "--sig-proxy",
  "--tty",
  "--use-api-socket",
]);
const SHORT_FLAGS = "dhiPqt";

/** `volume` where the line mounts none: the original made the mount mandatory and never added one itself. */
export type CommandProblem = "not-docker-run" | "unclosed-quote" | "volume";

export function problemOfCommand(command: string): CommandProblem | undefined {
  const words = splitWords(command);
  if (words === undefined) return "unclosed-quote";
  const run = words.indexOf("run");
  if (!/(?:^|[\\/])docker(?:\.exe)?$/.test(words[0] ?? "") || run < 1) return "not-docker-run";
  return hasMount(words.slice(run + 1)) ? undefined : "volume";
}

/** Whether -v, --volume or --mount stands among the options, before the image. */
function hasMount(words: readonly string[]): boolean {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-") || word === "-" || word === "--") return false;
    const [name = "", attached] = splitOption(word);
    const value = attached ?? (takesValue(name) ? words[index + 1] : "");
    if (["-v", "--volume", "--mount"].includes(name)) return value !== undefined && value !== "";
    if (attached === undefined && takesValue(name)) index += 1;
  }
  return false;
}

/** The option, and its value where it stands in the same word: `--volume=…`, `-v=…`, `-v/host:/data`, `-itv …`. */
function splitOption(word: string): readonly [string, string?] {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
  }
  let at = 1;
  while (at < word.length - 1 && SHORT_FLAGS.includes(word.charAt(at))) at += 1;
  const rest = word.slice(at + 1);
  return rest === "" ? [`-${word.charAt(at)}`] : [`-${word.charAt(at)}`, rest.replace(/^=/, "")];
}

function takesValue(name: string): boolean {
  return name.startsWith("--") ? !FLAGS.has(name) : !SHORT_FLAGS.includes(name.charAt(1));
}

/** Words as a POSIX shell splits them, without expansion; undefined where a quote is not closed. */
function splitWords(command: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < command.length; index += 1) {
    const character = command.charAt(index);
    if (quote !== "") {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && '"\\$`'.includes(command.charAt(index + 1))) {
        index += 1;
        word = (word ?? "") + command.charAt(index);
      } else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "\\" && index + 1 < command.length) {
      index += 1;
      // A backslash at the end of a line joins it with the next.
      if (command.charAt(index) !== "\n") word = (word ?? "") + command.charAt(index);
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) words.push(word);
  return quote === "" ? words : undefined;
}
