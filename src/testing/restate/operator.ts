import { setTimeout as sleep } from "node:timers/promises";

/** What those can do who look after servers of Restate, by its admin API. */
export interface Operator {
  /** Kills the invocations of an object's handler with all that they have called, or tells them to end; resolves when they have ended. */
  end(target: { readonly service: string; readonly key: string; readonly handler: string }, how: EndHow): Promise<void>;
  /** Kills all there is, and forgets it with all state. */
  clear(): Promise<void>;
}

export type EndHow = "kill" | "cancel";

const LOOK_AGAIN_MS = 10;
/** An invocation may begin another one while it is looked for what there is. */
const LONGEST_MS = 30_000;

export function createOperator(admin: string): Operator {
  async function call(method: string, path: string, body?: unknown): Promise<void> {
    const response = await ask(method, path, body);
    // Or it ended, or was forgotten, meanwhile.
    if (response.ok || response.status === 404 || response.status === 409) return;
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${admin}${path}`, {
      method,
      headers: { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LONGEST_MS),
    });

  async function query<T>(sql: string): Promise<readonly T[]> {
    const until = AbortSignal.timeout(LONGEST_MS);
    for (;;) {
      const response = await ask("POST", "/query", { query: sql });
      const text = await response.text();
      if (response.ok) return (JSON.parse(text) as { readonly rows: readonly T[] }).rows;
      // A partition that moves is not there for a while.
      if (response.status < 500 || until.aborted) throw new Error(`${sql}: ${response.status} ${text}`);
      await sleep(LOOK_AGAIN_MS);
    }
  }

  const idsWhere = async (condition: string): Promise<readonly string[]> =>
    (await query<{ readonly id: string }>(`SELECT id FROM sys_invocation_status WHERE ${condition}`)).map(
      ({ id }) => id,
    );

  async function untilNone(find: () => Promise<readonly string[]>, act: (id: string) => Promise<unknown>) {
    const until = AbortSignal.timeout(LONGEST_MS);
    for (;;) {
      const found = await find();
      if (found.length === 0) return;
      until.throwIfAborted();
      await Promise.all(found.map(act));
      await sleep(LOOK_AGAIN_MS);
    }
  }

  return {
    async end({ service, key, handler }, how) {
      const told = new Set<string>();
      const condition = `status <> 'completed' AND target_service_name = '${service}' AND target_service_key = '${key}' AND target_handler_name = '${handler}'`;
      await untilNone(
        () => idsWhere(condition),
        async (id) => {
          if (told.has(id)) return;
          told.add(id);
          await call("PATCH", `/invocations/${id}/${how}`);
        },
      );
    },
    async clear() {
      await untilNone(
        () => idsWhere("status <> 'completed'"),
        (id) => call("PATCH", `/invocations/${id}/kill`),
      );
      await untilNone(
        () => idsWhere("status = 'completed'"),
        (id) => call("PATCH", `/invocations/${id}/purge`),
      );
      const objects = async (): Promise<readonly string[]> =>
        (await query<State>("SELECT DISTINCT service_name, service_key FROM state")).map((one) => JSON.stringify(one));
      await untilNone(objects, (one) => {
        const { service_name, service_key } = JSON.parse(one) as State;
        return call("POST", `/services/${service_name}/state`, { object_key: service_key, new_state: {} });
      });
    },
  };
}

interface State {
  readonly service_name: string;
  readonly service_key: string;
}
