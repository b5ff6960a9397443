import type { Finding } from "../../engine/finding.ts";
import { cleanText } from "../../kernel/text.ts";
import { mountSourcesOf } from "../../workflow/kinds/docker/mounts.ts";
import type { Answer, EngineTools } from "./engine.ts";
import { judgeMountedPath } from "./judge-mount.ts";
import { findingOf, type Need, type SharedNeed, shareNeeds } from "./needs.ts";
import { sharesOurFiles } from "./shared-files.ts";
import { engineName } from "./words.ts";

/**
 * Whether the folders that containers mount exist, and where links lead that they may hold. Says nothing where the
 * engine is on another machine.
 * @param ask one question to the engine, within what is left of the time
 * @throws the question's reason to stop
 */
export async function checkMounts(
  tools: Pick<EngineTools, "secrets" | "env" | "policy">,
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
  { secrets, policy }: Pick<EngineTools, "secrets" | "policy">,
  shared: SharedNeed,
  source: string,
  allow: readonly string[],
): Promise<Finding | undefined> {
  const verdict = await judgeMountedPath(source, allow, policy);
  if (verdict.ok) return undefined;
  const { code, text } = verdict.problem;
  return findingOf(shared, "error", code, `${cleanText(source)} (mounted by ${shared.who}) ${text}`, secrets);
}
