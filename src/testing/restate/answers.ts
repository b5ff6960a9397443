import { setTimeout as sleep } from "node:timers/promises";

/** Where a server listens, `http://127.0.0.1:PORT`. */
export interface Addresses {
  readonly ingress: string;
  readonly admin: string;
}

/** How long servers may take until they are ready, in milliseconds; on an idle machine one takes 400, three 3,000. */
const READY_MS = 30_000;
const LOOK_AGAIN_MS = 25;
const ANSWER_MS = 2_000;

/** Waits, no longer than a start may take; `findEnd` says why there is nothing left to wait for. */
export async function waitFor(
  what: string,
  holds: () => Promise<boolean>,
  findEnd: () => string | undefined,
): Promise<void> {
  const signal = AbortSignal.timeout(READY_MS);
  while (!(await holds())) {
    const end = findEnd() ?? (signal.aborted ? `not within ${READY_MS} ms` : undefined);
    if (end !== undefined) throw new Error(`waited until ${what}: ${end}`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The server is there; its partitions may still have no leader. */
export async function isUp({ ingress, admin }: Addresses): Promise<boolean> {
  const answers = [`${admin}/health`, `${ingress}/restate/health`].map((url) => ask(url));
  return (await Promise.all(answers)).every((answer) => answer !== undefined);
}

/** Every partition of the cluster has a leader that this server knows: a query reads all of them. */
export async function reachesAll({ admin }: Addresses): Promise<boolean> {
  const body = JSON.stringify({ query: "select count(*) from sys_invocation" });
  const headers = { accept: "application/json", "content-type": "application/json" };
  return (await ask(`${admin}/query`, { method: "POST", headers, body })) !== undefined;
}

/** A service that is registered at one server is known to the others a moment later; until then they answer 404. */
export async function knows({ ingress }: Addresses, service: string): Promise<boolean> {
  const answer = await ask(`${ingress}/restate/health`);
  return answer !== undefined && (JSON.parse(answer) as IngressHealth).services.includes(service);
}

interface IngressHealth {
  readonly services: readonly string[];
}

/** How many servers keep the cluster's metadata, as this one knows it. */
export async function countMetadataServers({ admin }: Addresses): Promise<number> {
  const answer = await ask(`${admin}/cluster-health`);
  if (answer === undefined) return 0;
  const { metadata_cluster_health: health } = JSON.parse(answer) as ClusterHealth;
  return health?.members.length ?? 0;
}

interface ClusterHealth {
  readonly metadata_cluster_health?: { readonly members: readonly number[] } | null;
}

/** @returns the answer's body, or undefined where there is none or it is an error */
async function ask(url: string, init: RequestInit = {}): Promise<string | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch {
    return undefined;
  }
}
