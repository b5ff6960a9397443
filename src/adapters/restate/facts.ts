import { isFields } from "../../kernel/arguments.ts";
import type { Admin } from "./admin.ts";
import { type HttpTools, send } from "./http.ts";
import type { Ingress } from "./ingress.ts";

/** What Restate says of itself. */
export interface ClusterFacts {
  readonly version: string;
  /** Addresses at which it knows workers, the newest first. */
  readonly workers: readonly string[];
}

/** Asked of both, ingress and admin API. @throws BusbarError CLUSTER_UNREACHABLE, CLUSTER_FAILED */
export async function readClusterFacts(admin: Admin, ingress: Ingress, tools: HttpTools): Promise<ClusterFacts> {
  await send(tools, { of: "ingress", url: `${ingress.url}/restate/health` });
  const { text } = await send(tools, { of: "admin", url: `${admin.url}/version` });
  const rows = await admin.query("SELECT endpoint FROM sys_deployment ORDER BY created_at DESC");
  return { version: versionIn(text), workers: rows.map(({ endpoint }) => String(endpoint)) };
}

function versionIn(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? String(value.version) : "unknown";
  } catch {
    return "unknown";
  }
}
