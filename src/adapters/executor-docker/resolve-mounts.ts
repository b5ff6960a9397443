// What the mounts of a container lead to, looked at just before it is made: nodes that ran since preflight may have put
// links in their places, and there may have been no preflight.

import { cleanText } from "../../kernel/text.ts";
import { isAbsolute } from "../../workflow/kinds/docker/host-paths.ts";
import { mountSourcesOf } from "../../workflow/kinds/docker/mounts.ts";
import { containersOf } from "../../workflow/kinds/docker/policy.ts";
import { mountsOf } from "../../workflow/kinds/docker/policy-mounts.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import { ANSWERS_WITHIN_MS } from "./containers.ts";
import { askEngine, type EngineTools } from "./engine.ts";
import { judgeMountedPath, type MountProblem } from "./judge-mount.ts";
import { type PlaceOnDisk, placeOf, readMounts } from "./mountinfo.ts";
import { sharesOurFiles } from "./shared-files.ts";
import { engineName } from "./words.ts";

/** A mount of which it can be seen in the container what it shows, and where that lies on disk. */
export interface ResolvedMount {
  readonly source: string;
  readonly target: string;
  readonly place: PlaceOnDisk;
}

export type ResolvedMounts =
  | { readonly ok: true; readonly mounts: readonly ResolvedMount[] }
  | { readonly ok: false; readonly problem: MountProblem };

/** @param signal ends the questions to the engine */
export async function resolveMounts(
  tools: EngineTools,
  request: ContainerRequest,
  signal: AbortSignal,
): Promise<ResolvedMounts> {
  const sources = mountSourcesOf(request.options);
  if (sources.length === 0) return { ok: true, mounts: [] };
  const ask = (args: readonly string[]) =>
    askEngine(tools, request.program, args, { timeoutMs: ANSWERS_WITHIN_MS, signal });
  if (!(await sharesOurFiles(tools.env, engineName(request), ask))) return judgeUnseen(tools, sources);
  const real = new Map<string, string>();
  for (const source of sources) {
    const verdict = await judgeMountedPath(source, request.allow ?? [], tools.policy);
    // Also of what is not there: something else may come to its place before the engine makes it.
    if (verdict.real !== undefined) real.set(source, verdict.real);
    // A folder that is not there is made by the engine, where nobody has to allow it.
    if (!verdict.ok && (tools.policy !== undefined || verdict.problem.code === "MOUNT_NOT_ALLOWED")) {
      return { ok: false, problem: { ...verdict.problem, text: `${cleanText(source)} ${verdict.problem.text}` } };
    }
  }
  const table = (await readMounts("self")) ?? [];
  const mounts = mountsOf(request.options).flatMap(({ source, target, isOverlay }) => {
    const path = isAbsolute(source) && !isOverlay ? real.get(source) : undefined;
    const place = path === undefined ? undefined : placeOf(table, path);
    return place === undefined ? [] : [{ source, target, place }];
  });
  return { ok: true, mounts };
}

/** Where the engine has other files than this process, nobody can follow its links: only what is listed itself will do. */
function judgeUnseen({ policy }: EngineTools, sources: readonly string[]): ResolvedMounts {
  const roots = policy === undefined ? undefined : containersOf(policy).mounts.map(({ path }) => path);
  const other =
    roots === undefined ? undefined : sources.find((source) => !roots.includes(source.replace(/(?<=.)\/+$/, "")));
  if (other === undefined) return { ok: true, mounts: [] };
  const text = `${cleanText(other)} lies on another machine than Busbar, which cannot follow its links: there only a folder that docker.mounts of ${policy?.name} has itself may be mounted`;
  return { ok: false, problem: { code: "MOUNT_NOT_ALLOWED", text } };
}
