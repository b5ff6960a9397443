import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { type Answer, type EngineTools, hasSucceeded } from "./engine.ts";

const LOCAL_ENDPOINT = /^(?:unix|npipe):/;

/** Whether a path means the same to the engine as to this process. */
export async function sharesOurFiles(
  env: EngineTools["env"],
  engine: string,
  ask: (args: readonly string[]) => Promise<Answer>,
): Promise<boolean> {
  if (engine === "podman") {
    const { CONTAINER_HOST: host, CONTAINER_CONNECTION: connection } = env;
    return host === undefined ? connection === undefined && process.platform === "linux" : LOCAL_ENDPOINT.test(host);
  }
  const endpoint = env.DOCKER_HOST || (await ask(["context", "inspect", "--format={{.Endpoints.docker.Host}}"])).stdout;
  if (!LOCAL_ENDPOINT.test(endpoint)) return false;
  // In a container that was handed the engine's socket, paths are those of the machine outside.
  if (!existsSync("/.dockerenv")) return true;
  const named = await ask(["info", "--format={{.Name}}"]);
  return hasSucceeded(named) && named.stdout.trim() === hostname();
}
