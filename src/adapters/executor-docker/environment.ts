// The variables of a container that come from Busbar's environment. Their values travel in the
// environment of the client, never on its command line, where everybody on the machine could read them.
import type { Secrets } from "../../kernel/secrets.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import type { Variables } from "./client.ts";

export interface ContainerEnvironment {
  /** For the engine's client, beside those of the request. */
  readonly options: readonly string[];
  /** For the client's own environment: values of which options give only the name. */
  readonly variables: Variables;
  readonly problems: readonly EnvironmentProblem[];
}

export interface EnvironmentProblem {
  /** The container's variable. */
  readonly name: string;
  /** Goes on from "<container>: ". */
  readonly text: string;
}

/**
 * What engine clients, the system's loader and Go programs read themselves: set for the container through the
 * client's environment, it would change the client, up to running other code with Busbar's rights.
 */
const STEERS_THE_CLIENT =
  /^(?:PATH|PATHEXT|HOME|USERPROFILE|APPDATA|SYSTEMROOT|WINDIR|COMSPEC|TMPDIR|TEMP|TMP|LD_\w+|DYLD_\w+|GLIBC_\w+|MALLOC_\w+|GODEBUG|GOGC|GOMAXPROCS|GOMEMLIMIT|GOTRACEBACK|SSL_CERT_(?:FILE|DIR)|SSH_\w+|(?:HTTPS?|ALL|NO)_PROXY|XDG_\w+|DBUS_\w+|DOCKER_(?:HOST|CONTEXT|CONFIG|CERT_PATH|TLS\w*|API_VERSION|DEFAULT_PLATFORM|CONTENT_TRUST\w*|AUTH_CONFIG|CUSTOM_HEADERS|CLI_\w+)|CONTAINERS?_\w+|PODMAN_\w+|BUILDAH_\w+|STORAGE_\w+|REGISTRY_AUTH_FILE)$/i;

/** Values are read now, and masked from then on. */
export function readEnvironment(
  request: Pick<ContainerRequest, "env" | "options">,
  secrets: Secrets,
  own: Variables,
): ContainerEnvironment {
  const options: string[] = [];
  const variables: Record<string, string> = {};
  const problems: EnvironmentProblem[] = [];
  // `--env NAME` without a value passes Busbar's own on, where it has one.
  for (const option of request.options) if (/^--env=[^=]+$/.test(option)) secrets.read(option.slice("--env=".length));
  for (const [name, parts] of Object.entries(request.env ?? {})) {
    const sources = parts.flatMap((part) => (typeof part === "string" ? [] : [part.env]));
    const missing = [...new Set(sources)].filter((source) => secrets.read(source) === undefined);
    const value = parts.map((part) => (typeof part === "string" ? part : (secrets.read(part.env) ?? ""))).join("");
    if (missing.length > 0) {
      const what = missing.length === 1 ? "the environment variable" : "the environment variables";
      const verb = missing.length === 1 ? "is" : "are";
      problems.push({ name, text: `env ${name} needs ${what} ${missing.join(", ")}, which ${verb} not set` });
    } else if (sources.length === 0) {
      options.push(`--env=${name}=${value}`);
    } else if (STEERS_THE_CLIENT.test(name) && own[name] !== value) {
      const text = `env ${name} cannot come from the environment: the engine's own client would obey it. Write its value as plain text, or give it another name`;
      problems.push({ name, text });
    } else {
      options.push(`--env=${name}`);
      variables[name] = value;
    }
  }
  return { options, variables, problems };
}
