import { type ListenOn, readListenOn } from "../examples/energy-pipeline/services/listen-on.ts";

const WILDCARDS: { readonly [host: string]: string } = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** The port of `busbar serve` where nobody names one. */
const SERVE_PORT = "8080";

/** Whom to ask, and how. */
export interface HealthAddress {
  /** `grpc`: grpc.health.v1 over HTTP/2; `http`: /readyz. */
  readonly speaks: "grpc" | "http";
  readonly url: string;
}

/**
 * Where to ask for the health of what a container runs.
 *
 * @param words the command line of process 1, as the images start it: node, a file in /app, a command, its options
 * @param env   what the services are told by
 * @returns undefined where nothing is served, and so nothing can be ill, or on a free port, which nobody knows
 * @throws Error where the service refuses what it is told
 */
export function findHealthAddress(words: readonly string[], env: NodeJS.ProcessEnv): HealthAddress | undefined {
  const program = words.findIndex((word) => word.startsWith("/app/"));
  const isService = words[program]?.startsWith("/app/service.") === true;
  const [command, ...options] = words.slice(program + 1);
  if (isService) return command === "serve" ? addressOf("grpc", "http", readListenOn(env)) : undefined;
  // Where these listen their options say; no variable of the environment has a part in that.
  const [port, host] = [findOption(options, "--port"), findOption(options, "--host")];
  if (command === "dummy-server") return addressOf("grpc", "http", readListenOn({ PORT: port, HOST: host }));
  // All other commands are done when their work is.
  if (command !== "serve") return undefined;
  const scheme = findOption(options, "--tls-cert") === undefined ? "http" : "https";
  return addressOf("http", scheme, readListenOn({ PORT: port ?? SERVE_PORT, HOST: host }));
}

function addressOf(
  speaks: HealthAddress["speaks"],
  scheme: "http" | "https",
  { port, host }: ListenOn,
): HealthAddress | undefined {
  if (port === 0) return undefined;
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const reached = WILDCARDS[bare] ?? bare;
  return { speaks, url: `${scheme}://${reached.includes(":") ? `[${reached}]` : reached}:${port}` };
}

function findOption(words: readonly string[], name: string): string | undefined {
  const index = words.indexOf(name);
  if (index !== -1) return words[index + 1];
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
