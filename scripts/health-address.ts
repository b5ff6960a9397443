import { type ListenOn, readListenOn } from "../examples/energy-pipeline/services/listen-on.ts";

const WILDCARDS: { readonly [host: string]: string } = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Where to ask for the health of what a container runs.
 *
 * @param words the command line of process 1, as the images start it: node, a file in /app, a command, its options
 * @param env   what the services are told by
 * @returns a URL; undefined where nothing is served, and so nothing can be ill, or on a free port, which nobody knows
 * @throws Error where the service refuses what it is told
 */
export function findHealthAddress(words: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const [command, ...options] = words.slice(words.findIndex((word) => word.startsWith("/app/")) + 1);
  const { port, host } = findListenOn(command, options, env) ?? { port: 0, host: "" };
  if (port === 0) return undefined;
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const reached = WILDCARDS[bare] ?? bare;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

/** All other commands of the images are done when their work is. */
function findListenOn(
  command: string | undefined,
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): ListenOn | undefined {
  if (command === "serve") return readListenOn(env);
  if (command !== "dummy-server") return undefined;
  // It listens where its options say; no variable of the environment has a part in that.
  return readListenOn({ PORT: findOption(options, "--port"), HOST: findOption(options, "--host") });
}

function findOption(words: readonly string[], name: string): string | undefined {
  const index = words.indexOf(name);
  if (index !== -1) return words[index + 1];
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
