// Why a client has nothing to say of its engine, and what is to be done about it.
import type { ErrorCode } from "../../kernel/error-table.ts";
import { cleanText } from "../../kernel/text.ts";
import type { Answer, EngineTools } from "./engine.ts";
import { describeAnswer } from "./words.ts";

export interface Absence {
  readonly code: ErrorCode & `ENGINE_${string}`;
  /** Goes on from the engine's name. */
  readonly text: string;
}

/** What says to clients of docker and podman where their engine is, and how it is spoken to. */
const SETTINGS = ["DOCKER_CONTEXT", "DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_API_VERSION", "CONTAINER_HOST"];

const WRONG_SETTINGS =
  /unable to resolve docker endpoint|failed to initialize|context .*not found|unable to parse docker host|invalid bind address|client version \S+ is too (?:new|old)|minimum supported api version/i;
const NO_RIGHT = /permission denied/i;

/** @param answer of a client that was started and failed */
export function explainAbsence({ secrets, env }: Pick<EngineTools, "secrets" | "env">, answer: Answer): Absence {
  const { stderr } = answer;
  const reason = describeAnswer(answer, secrets);
  if (NO_RIGHT.test(stderr)) return { code: "ENGINE_FORBIDDEN", text: `may not be used by this user: ${reason}` };
  if (!WRONG_SETTINGS.test(stderr)) return { code: "ENGINE_UNREACHABLE", text: `does not answer: ${reason}` };
  const set = SETTINGS.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
  const where =
    set.length === 0 ? "its own configuration says" : `${set.join(", ")} ${set.length === 1 ? "says" : "say"}`;
  const text = `cannot reach its engine where ${where}: ${withoutPath(reason)}`;
  return { code: "ENGINE_MISCONFIGURED", text: secrets.mask(cleanText(text, 2048)) };
}

/** Of a context that is not there, clients add in which file they have looked for it. */
function withoutPath(reason: string): string {
  return reason.replace(/(context not found): open .*$/i, "$1");
}
