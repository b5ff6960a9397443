import { BusbarError } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";
import { type HttpTools, send } from "./http.ts";

/** Asks Restate about itself: its admin API. */
export interface Admin {
  readonly url: string;
  /** Rows of its own tables (SQL of DataFusion). @throws BusbarError CLUSTER_… */
  query(sql: string): Promise<readonly { readonly [column: string]: Json }[]>;
  /** Tells it of workers at an address; with `force` also where it knew others there. @throws BusbarError CLUSTER_… */
  register(uri: string, options?: { readonly force?: boolean }): Promise<Deployment>;
}

/** Workers at one address, as Restate knows them. */
export interface Deployment {
  readonly id: string;
  readonly services: readonly { readonly name: string; readonly metadata?: { readonly [key: string]: string } }[];
}

export function createAdmin(url: string, tools: HttpTools): Admin {
  async function post(path: string, body: unknown): Promise<unknown> {
    const { status, text } = await send(tools, { url: `${url}${path}`, body });
    if (status >= 200 && status < 300) return JSON.parse(text);
    throw new BusbarError(
      "CLUSTER_FAILED",
      `Restate at ${url} answered ${path} with ${status}: ${text.slice(0, 500)}`,
      {
        details: { status },
      },
    );
  }
  return {
    url,
    async query(sql) {
      const { rows } = (await post("/query", { query: sql })) as {
        readonly rows: readonly { [column: string]: Json }[];
      };
      return rows;
    },
    async register(uri, { force = false } = {}) {
      return (await post("/deployments", { uri, force })) as Deployment;
    },
  };
}

/** A text as SQL says it; half of a pair of UTF-16, which no JSON can carry, becomes what stands for it. */
export function sqlText(text: string): string {
  return `'${text.toWellFormed().replaceAll("'", "''")}'`;
}
