import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { hostname } from "node:os";
import type { Finding } from "../../engine/finding.ts";
import { cleanText } from "../../kernel/text.ts";
import { mountSourcesOf, powerOfPath } from "../../workflow/kinds/docker/mounts.ts";
import { type Answer, type EngineTools, hasSucceeded } from "./engine.ts";
import { findingOf, type Need, type SharedNeed, shareNeeds } from "./needs.ts";
import { engineName } from "./words.ts";

/**
 * Whether the folders that containers mount exist, and where links lead that they may hold. Says nothing where the
 * engine is on another machine.
 * @param ask one question to the engine, within what is left of the time
 * @throws the question's reason to stop
 */
export async function checkMounts(
  tools: Pick<EngineTools, "secrets" | "env">,
  needs: readonly Need[],
  ask: (args: readonly string[]) => Promise<Answer>,
): Promise<readonly Finding[]> {
  const sources = shareNeeds(needs, ({ request }) =>
    mountSourcesOf(request.options).map((source) => JSON.stringify([source, request.allow ?? []])),
  );
  const [first] = sources.values();
  if (first === undefined || !(await sharesOurFiles(tools.env, engineName(first.first.request), ask))) return [];
  const findings = await Promise.all(
    [...sources].map(([key, shared]) => {
      const [source, allow] = JSON.parse(key) as readonly [string, readonly string[]];
      return checkSource(tools, shared, source, allow);
    }),
  );
  return findings.filter((finding) => finding !== undefined);
}

async function checkSource(
  { secrets }: Pick<EngineTools, "secrets">,
  shared: SharedNeed,
  source: string,
  allow: readonly string[],
): Promise<Finding | undefined> {
  const what = `${cleanText(source)} (mounted by ${shared.who})`;
  let real: string;
  try {
    real = await realpath(source);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What Busbar may not look at, the engine may.
    if (code !== "ENOENT" && code !== "ENOTDIR") return undefined;
    const text = `${what} does not exist on this machine. Make it, or correct the mount`;
    return findingOf(shared, "error", "MOUNT_NOT_FOUND", text, secrets);
  }
  const power = powerOfPath(source, allow) === undefined ? powerOfPath(real, allow) : undefined;
  if (power === undefined) return undefined;
  const text = `${what} leads to ${cleanText(real)}: ${power}. Mount another folder, or allow "${cleanText(real)}" in docker.allow`;
  return findingOf(shared, "error", "MOUNT_NOT_ALLOWED", text, secrets);
}

const LOCAL_ENDPOINT = /^(?:unix|npipe):/;

/** Whether a path means the same to the engine as to this process. */
async function sharesOurFiles(
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
