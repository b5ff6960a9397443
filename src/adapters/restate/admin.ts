import { BusbarError } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";
import { cleanText } from "../../kernel/text.ts";
import { type HttpAnswer, type HttpTools, send } from "./http.ts";
import { MAX_QUOTED_BYTES, notRestate, readListed } from "./not-restate.ts";

/** How long answers to queries may be errors. */
const UNSETTLED_MS = 10_000;
const UNSETTLED_WAIT_MS = 200;
/** How it answers where it did not know an address. */
const CREATED = 201;

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
  /** It was not known before, or was asked anew: calls go there from now on. */
  readonly isNewest: boolean;
  readonly services: readonly { readonly name: string; readonly metadata?: { readonly [key: string]: string } }[];
}

export function createAdmin(url: string, tools: HttpTools): Admin {
  const ask = (path: string, body: unknown): Promise<HttpAnswer> =>
    send(tools, { of: "admin", url: `${url}${path}`, body });

  /** While a partition moves or has no leader, whoever reads all of them is told so at once. */
  async function query(sql: string): Promise<HttpAnswer> {
    const until = tools.clock.monotonic() + UNSETTLED_MS;
    for (;;) {
      const answer = await ask("/query", { query: sql });
      if (answer.status < 500 || tools.clock.monotonic() > until) return answer;
      await new Promise<void>((resolve) => tools.clock.after(UNSETTLED_WAIT_MS, resolve));
    }
  }

  /** The field of its answer that holds a list. */
  function read(path: string, answer: HttpAnswer, list: string): unknown {
    const { status, text } = answer;
    if (status >= 200 && status < 300) return readListed("admin", answer, list);
    // It has all of these paths: an ingress says that it has them not, other servers that there is nothing.
    if (status === 404 || status === 405 || text.includes('"source":"ingress"')) throw notRestate("admin", answer);
    throw new BusbarError(
      "CLUSTER_FAILED",
      `Restate at ${url} answered ${path} with ${status}: ${cleanText(text, MAX_QUOTED_BYTES)}`,
      {
        details: { status },
      },
    );
  }
  return {
    url,
    async query(sql) {
      const { rows } = read("/query", await query(sql), "rows") as {
        readonly rows: readonly { [column: string]: Json }[];
      };
      return rows;
    },
    async register(uri, { force = false } = {}) {
      const answer = await ask("/deployments", { uri, force });
      const deployment = read("/deployments", answer, "services") as Omit<Deployment, "isNewest">;
      return { ...deployment, isNewest: force || answer.status === CREATED };
    },
  };
}

/** A text as SQL says it; half of a pair of UTF-16, which no JSON can carry, becomes what stands for it. */
export function sqlText(text: string): string {
  return `'${text.toWellFormed().replaceAll("'", "''")}'`;
}
