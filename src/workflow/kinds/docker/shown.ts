// How containers are shown: the values of their variables may be tokens, their names are not.
import type { JsonObject } from "../../../kernel/json.ts";
import { type HiddenPart, MASK, type MaskedValue, maskLiteral } from "../../shown/masked-value.ts";
import { isRawObject, type RawObject } from "../../tree/raw.ts";
import type { DockerNode } from "./node.ts";
import { type ContainerRequest, requestOfDockerNode } from "./request.ts";

/** What is recorded of what the executor is asked. */
export function shownRequestOfDockerNode(node: DockerNode): JsonObject {
  const request = requestOfDockerNode(node) as unknown as ContainerRequest;
  const { env, options } = request;
  const shownEnv = Object.entries(env ?? {}).map(([name, parts]) => [
    name,
    parts.map((part) => (typeof part === "string" ? MASK : part)),
  ]);
  return {
    ...request,
    options: options.map(maskOption),
    ...(env === undefined ? {} : { env: Object.fromEntries(shownEnv) }),
  } as unknown as JsonObject;
}

/** `--env=NAME=VALUE` as `--env=NAME=***`; other options as they are. */
export function maskOption(option: string): string {
  return option.replace(/^(--env=[^=]+=).+$/s, `$1${MASK}`);
}

/** The texts of a node in a file that hold values of variables. */
export function maskedInNode(raw: RawObject): readonly MaskedValue[] {
  const { docker, command } = raw;
  const env = isRawObject(docker) && isRawObject(docker.env) ? docker.env : {};
  const values = Object.entries(env).map(([name, value]) => maskLiteral(["docker", "env", name], value));
  const inCommand = typeof command === "string" ? maskCommand(command) : undefined;
  return inCommand === undefined || inCommand.hidden.length === 0
    ? values
    : [...values, { path: ["command"], ...inCommand }];
}

/** Words as a shell would split them; what stands between quotes is one. */
const WORD = /(?:[^\s'"\\]|\\.|'[^']*'?|"(?:[^"\\]|\\.)*"?)+/gs;
const ENV_OPTION = /^(?:--env|-[A-Za-z]*e)$/;
const ENV_WITH_VALUE = /^['"]?(?:--env=|-[A-Za-z]*?e=?)(?=['"]?[A-Za-z_]\w*=)/;

/** A command line with the values of its variables hidden. It need not be one that a shell would take. */
export function maskCommand(command: string): Pick<MaskedValue, "shown" | "hidden"> {
  const hidden: HiddenPart[] = [];
  let isAfterOption = false;
  const shown = command.replace(WORD, (word) => {
    const option = isAfterOption ? "" : ENV_WITH_VALUE.exec(word)?.[0];
    isAfterOption = !isAfterOption && ENV_OPTION.test(word.replaceAll(/['"\\]/g, ""));
    const equals = option === undefined ? -1 : word.indexOf("=", option.length);
    if (equals < 0 || equals === word.length - 1) return word;
    const before = word.slice(0, equals + 1);
    hidden.push({ before, value: word.slice(equals + 1) });
    // A quote that is open is closed; without one a shell would take the mask for a pattern.
    const open = ["'", '"'].find((quote) => before.split(quote).length % 2 === 0);
    return open === undefined ? `${before}'${MASK}'` : `${before}${MASK}${open}`;
  });
  return { shown, hidden };
}
