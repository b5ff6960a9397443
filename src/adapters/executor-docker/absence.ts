// Why a client has nothing to say of its engine, and what is to be done about it.
import type { ErrorCode } from "../../kernel/error-table.ts";
import { cleanForeign } from "../../kernel/secrets.ts";
import type { Answer, EngineTools } from "./engine.ts";
import { describeAnswer } from "./words.ts";

export interface Absence {
  readonly code: ErrorCode & `ENGINE_${string}`;
  /** Goes on from the engine's name. */
  readonly text: string;
}

/** What says to clients of docker and podman where their engine is, and how it is spoken to. */
const SETTINGS = [
  ...["DOCKER_CONTEXT", "DOCKER_HOST", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION"],
  ...["CONTAINER_HOST", "CONTAINER_CONNECTION"],
];

/** A place, a version, a certificate or a key that does not fit; `page not found` is what there is of another version. */
const WRONG_SETTINGS =
  /unable to resolve docker endpoint|failed to initialize|context .*not found|unable to parse docker host|invalid bind address|client version \S+ is too (?:new|old)|minimum supported api version|page not found|\b(?:x509|tls): |HTTP re(?:quest|sponse) to (?:an )?HTTPS|permission denied \(|host key verification failed/i;
const NO_RIGHT = /permission denied/i;

/** @param answer of a client that was started and failed */
export function explainAbsence({ secrets, env }: Pick<EngineTools, "secrets" | "env">, answer: Answer): Absence {
  const reason = withoutDetail(describeAnswer(answer, secrets));
  const explain = (code: Absence["code"], what: string): Absence => {
    return { code, text: cleanForeign(`${what}: ${reason}`, secrets, 2048) };
  };
  if (WRONG_SETTINGS.test(reason)) {
    const set = SETTINGS.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
    const where =
      set.length === 0 ? "its own configuration says" : `${set.join(", ")} ${set.length === 1 ? "says" : "say"}`;
    return explain("ENGINE_MISCONFIGURED", `cannot reach its engine where ${where}`);
  }
  if (NO_RIGHT.test(reason)) return explain("ENGINE_FORBIDDEN", "may not be used by this user");
  return explain("ENGINE_UNREACHABLE", "does not answer");
}

/** What clients add that says nothing to people: which question it was, and in which file they have looked for a context. */
function withoutDetail(reason: string): string {
  return reason.replace(/\b(?:Get|Head|Post) "[^"]*": /g, "").replace(/(context not found): open .*$/i, "$1");
}
