import { connect } from "node:http2";
import { isFields } from "../../kernel/arguments.ts";
import type { Json } from "../../kernel/json.ts";
import type { Admin } from "./admin.ts";
import { type HttpTools, send } from "./http.ts";
import { ATTEMPT_SERVICE, KEY_OBJECT, REQUESTS_OBJECT, RUN_OBJECT, VERSION_METADATA } from "./names.ts";
import { readJson } from "./not-restate.ts";

/** What can be found out of a cluster without changing anything. */
export interface ClusterState {
  readonly version: string;
  /** Names of experimental features that are on. */
  readonly features: readonly string[];
  /** How many nodes keep the cluster's metadata, where it says so. */
  readonly nodes?: number;
  readonly workers: readonly WorkersState[];
  /** By name, those that there are: where new calls go, and the version of Busbar there. */
  readonly services: ReadonlyMap<string, { readonly workers: string; readonly version?: string }>;
  readonly stuck: readonly StuckCall[];
}

/** Workers at one address. */
export interface WorkersState {
  readonly id: string;
  readonly address: string;
  /** Runs whose drive stays there. */
  readonly runs: readonly string[];
  /** How they answer whoever asks from here without a signature; absent where nothing answers. */
  readonly status?: number;
}

/** A call that fails and is tried again, or is held. */
export interface StuckCall {
  readonly id: string;
  readonly what: "drive" | "attempt" | "other";
  readonly runId?: string;
  /** RFC 3339. */
  readonly since: string;
  readonly retries: number;
  readonly failure: string;
  /** Restate's code of it. */
  readonly code?: string;
  readonly isPaused: boolean;
}

export const BUSBAR_SERVICES = [RUN_OBJECT, ATTEMPT_SERVICE, REQUESTS_OBJECT, KEY_OBJECT];

const OURS = `target_service_name IN (${BUSBAR_SERVICES.map((name) => `'${name}'`).join(", ")})`;
/** Calls that fail once in a while are tried again within a moment. */
const RETRIES = 3;

/** @throws BusbarError CLUSTER_UNREACHABLE, CLUSTER_FAILED */
export async function examineRestate(admin: Admin, http: HttpTools): Promise<ClusterState> {
  const get = async (path: string): Promise<Json> => {
    const answer = await send(http, { of: "admin", url: `${admin.url}${path}` });
    return answer.status === 200 ? (readJson("admin", answer) as Json) : null;
  };
  const about = await get("/version");
  const features = isFields(about) && isFields(about.features) ? about.features : {};
  const health = await get("/cluster-health");
  const metadata = isFields(health) ? health.metadata_cluster_health : undefined;
  const members = isFields(metadata) && Array.isArray(metadata.members) ? metadata.members.length : undefined;
  const listed = await get("/services");
  const services = new Map<string, { workers: string; version?: string }>();
  for (const service of isFields(listed) && Array.isArray(listed.services) ? listed.services : []) {
    if (!isFields(service) || !BUSBAR_SERVICES.includes(String(service.name))) continue;
    const version = isFields(service.metadata) ? service.metadata[VERSION_METADATA] : undefined;
    services.set(String(service.name), {
      workers: String(service.deployment_id),
      ...(typeof version === "string" ? { version } : {}),
    });
  }
  return {
    version: isFields(about) ? String(about.version) : "unknown",
    features: Object.keys(features).filter((name) => features[name] === true),
    ...(members === undefined ? {} : { nodes: members }),
    workers: await readWorkers(admin),
    services,
    stuck: await readStuck(admin),
  };
}

async function readWorkers(admin: Admin): Promise<readonly WorkersState[]> {
  const rows = await admin.query("SELECT id, endpoint FROM sys_deployment ORDER BY created_at DESC");
  const drives = await admin.query(
    `SELECT pinned_deployment_id, target_service_key FROM sys_invocation_status WHERE target_service_name = '${RUN_OBJECT}'` +
      " AND target_handler_name = 'drive' AND status <> 'completed' AND pinned_deployment_id IS NOT NULL",
  );
  return Promise.all(
    rows.map(async ({ id, endpoint }) => {
      const runs = drives
        .filter((drive) => drive.pinned_deployment_id === id)
        .map((drive) => String(drive.target_service_key));
      const status = await askUnsigned(String(endpoint));
      return { id: String(id), address: String(endpoint), runs, ...(status === undefined ? {} : { status }) };
    }),
  );
}

async function readStuck(admin: Admin): Promise<readonly StuckCall[]> {
  const rows = await admin.query(
    "SELECT id, target_service_name, target_service_key, target_handler_name, invoked_by_target, retry_count, created_at, " +
      `last_failure, last_failure_error_code, status FROM sys_invocation WHERE ${OURS} AND (status = 'paused' OR ` +
      `(status = 'backing-off' AND retry_count >= ${RETRIES})) ORDER BY created_at LIMIT 100`,
  );
  return rows.map((row) => {
    const handler = `${row.target_service_name}/${row.target_handler_name}`;
    const what =
      handler === `${RUN_OBJECT}/drive` ? "drive" : handler === `${ATTEMPT_SERVICE}/make` ? "attempt" : "other";
    const caller = new RegExp(`^${RUN_OBJECT}/(.+)/drive$`).exec(String(row.invoked_by_target ?? ""))?.[1];
    const runId = typeof row.target_service_key === "string" && what === "drive" ? row.target_service_key : caller;
    return {
      id: String(row.id),
      what,
      ...(runId === undefined ? {} : { runId }),
      since: String(row.created_at),
      retries: Number(row.retry_count ?? 0),
      failure: String(row.last_failure ?? "no failure is known"),
      ...(typeof row.last_failure_error_code === "string" ? { code: row.last_failure_error_code } : {}),
      isPaused: row.status === "paused",
    };
  });
}

/** How long workers may take to answer. */
const ANSWER_MS = 3_000;

/** As Restate does when it is told of workers, but without a signature. */
function askUnsigned(address: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    try {
      const session = connect(address);
      const end = (status?: number): void => {
        resolve(status);
        session.destroy();
      };
      session.setTimeout(ANSWER_MS, () => end());
      session.on("error", () => end());
      // What stands before workers may take a connection that nobody behind it answers, and close it without an error.
      session.on("close", () => end());
      const request = session.request({
        ":path": "/discover",
        accept: "application/vnd.restate.endpointmanifest.v3+json",
      });
      request.on("response", (headers) => end(headers[":status"]));
      request.on("error", () => end());
      request.end();
    } catch {
      resolve(undefined);
    }
  });
}
