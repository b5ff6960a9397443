/** Commands of the images that serve gRPC until they are stopped; all others are done when their work is. */
const SERVERS = ["serve", "dummy-server"];
const DEFAULT_PORT = "50051";
const WILDCARDS: { readonly [host: string]: string } = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

/**
 * Where to ask for the health of what a container runs.
 *
 * @param words the command line of process 1, as the images start it: node, a file in /app, a command, its options
 * @param env   PORT and HOST stand in for the options of that name
 * @returns a URL; undefined where nothing is served, and so nothing can be ill
 */
export function findHealthAddress(words: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const [command, ...options] = words.slice(words.findIndex((word) => word.startsWith("/app/")) + 1);
  if (command === undefined || !SERVERS.includes(command)) return undefined;
  const port = findOption(options, "--port") ?? env.PORT ?? DEFAULT_PORT;
  const host = findOption(options, "--host") ?? env.HOST ?? "0.0.0.0";
  return `http://${WILDCARDS[host] ?? (host.includes(":") ? `[${host}]` : host)}:${port}`;
}

function findOption(words: readonly string[], name: string): string | undefined {
  const index = words.indexOf(name);
  if (index !== -1) return words[index + 1];
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
