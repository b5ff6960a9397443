// What the engine has of containers.
import { spawnSync } from "node:child_process";
import { docker } from "./engine.ts";

export interface TestContainer {
  readonly id: string;
  readonly name: string;
  /** `created`, `running`, `exited`, … */
  readonly status: string;
  readonly labels: { readonly [name: string]: string };
}

/** The containers, running or not, with this label: `busbar.run=run-1`, or a name alone. */
export function listContainers(label: string): readonly TestContainer[] {
  const ids = docker(["ps", "--all", "--quiet", "--no-trunc", `--filter=label=${label}`])
    .split(/\s+/)
    .filter(Boolean);
  if (ids.length === 0) return [];
  // Some may have gone since they were listed; the client tells those that it finds.
  const inspected = spawnSync("docker", ["container", "inspect", ...ids], { encoding: "utf8", maxBuffer: 2 ** 26 });
  const found: readonly InspectedJson[] = JSON.parse(inspected.stdout);
  return found.map(({ Id, Name, State, Config }) => ({
    id: Id,
    name: Name.slice(1),
    status: State.Status,
    labels: Config.Labels,
  }));
}

interface InspectedJson {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string };
  readonly Config: { readonly Labels: TestContainer["labels"] };
}

/** By force, running or not, with their anonymous volumes. */
export function removeContainers(ids: readonly string[]): void {
  if (ids.length > 0) docker(["rm", "--force", "--volumes", ...ids]);
}
