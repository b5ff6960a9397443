import { quote } from "../../tree/raw.ts";
import { problemOfSize } from "./check-container.ts";
import type { Finding } from "./finding.ts";
import { problemOfImage } from "./image.ts";
import { judgeOption } from "./judge-option.ts";
import { notAllowed } from "./judgement.ts";
import type { Container } from "./node.ts";
import type { Program } from "./option-names.ts";
import { readOptions } from "./read-options.ts";
import type { ShellWord } from "./shell-words.ts";

/** What a file says of one command, beside the command itself. */
export interface CommandContext {
  readonly id: string;
  readonly allow: readonly string[];
  suggest(wrong: string, candidates: Iterable<string>): string | undefined;
}

/** The words of a `docker run` line as a container, and all that is wrong with it. */
export function readCommand(
  words: readonly ShellWord[],
  { id, allow, suggest }: CommandContext,
): { readonly container: Container; readonly findings: readonly Finding[] } {
  const [program, ...rest] = words;
  const none: Container = { program: "", options: [], image: "", args: [], env: {}, allow: [] };
  const kind = kindOf(program?.text ?? "");
  const problem = problemOfProgram(words, kind);
  if (kind === undefined || problem !== undefined) {
    const message = `the command of ${quote(id)} must be a docker run line${problem ?? ""}`;
    return { container: none, findings: [{ code: "WORKFLOW_INVALID_VALUE", message }] };
  }
  const read = readOptions(rest.slice(1), kind, suggest);
  const findings = [...read.findings];
  const options: string[] = [];
  let mounts = 0;
  for (const { name, value, within } of read.options) {
    if ((name === "volume" || name === "mount") && value === "") continue;
    if (name === "volume" || name === "mount") mounts += 1;
    const judged = judgeOption(name, value, allow);
    if ("option" in judged) {
      if (judged.option !== undefined) options.push(judged.option);
    } else if ("invalid" in judged) {
      const { invalid, remedy } = judged;
      findings.push({ code: "WORKFLOW_INVALID_VALUE", message: `command: ${invalid}`, within, remedy });
    } else {
      findings.push({ code: "WORKFLOW_NOT_ALLOWED", message: `command: ${notAllowed(judged)}`, within });
    }
  }
  const [image, ...args] = read.rest;
  if (!read.uncertain) {
    const wrong = problemOfImage(image?.text ?? "");
    const within = image === undefined ? {} : { within: { start: image.start, end: image.end } };
    if (wrong !== undefined) findings.push({ code: "WORKFLOW_INVALID_VALUE", message: `command: ${wrong}`, ...within });
  }
  if (mounts === 0 && !read.uncertain) {
    const message = `the command of ${quote(id)} mounts no volume; Busbar adds none by itself`;
    findings.push({ code: "WORKFLOW_MISSING_VOLUME", message });
  }
  const container: Container = {
    program: program?.text ?? "",
    options,
    image: image?.text ?? "",
    args: args.map(({ text }) => text),
    env: {},
    allow,
  };
  const tooLong = problemOfSize(container);
  if (tooLong !== undefined) findings.push({ code: "WORKFLOW_INVALID_VALUE", message: `command: ${tooLong}` });
  return { container, findings };
}

/**
 * The engine that a program is, named alone or by its full path: a relative one would depend on where Busbar was
 * started.
 */
function kindOf(program: string): Program | undefined {
  const found = /^(?:(?:\/|[A-Za-z]:[\\/]|[\\/]{2})(?:[^\\/]*[\\/])*)?(docker|podman)(?:\.exe)?$/.exec(program)?.[1];
  return found === "docker" || found === "podman" ? found : undefined;
}

/** Goes on from "must be a docker run line". */
function problemOfProgram(words: readonly ShellWord[], kind: Program | undefined): string | undefined {
  const [program, verb, next] = words.map(({ text }) => text);
  if (program === undefined) return "; it is empty";
  if (kind === undefined) {
    if (/(?:^|[\\/])(?:sudo|doas|env|time|nice|exec|command)$/.test(program)) {
      return `; leave ${quote(program)} out: Busbar runs the engine's client as itself`;
    }
    return `; ${quote(program)} is neither docker nor podman, nor the full path of one`;
  }
  if (verb === "run") return undefined;
  if (verb === undefined) return `; it says only ${quote(program)}`;
  if (verb === "container" && next === "run")
    return `; write ${quote(`${kind} run`)} instead of ${quote(`${kind} container run`)}`;
  if (verb.startsWith("-")) {
    return `; options before run are not taken: set DOCKER_HOST, or the ${kind} context, instead of ${quote(verb)}`;
  }
  return `; ${quote(verb)} is not run`;
}
