import { createObjectHandler, InvocationIdParser, type ObjectContext, object } from "@restatedev/restate-sdk";
import { askedSignal, REQUESTS_OBJECT, RUN_OBJECT } from "../../../adapters/restate/names.ts";
import type { StoredHead } from "../../../adapters/restate/wire.ts";
import type { NewRequest, RequestRecord } from "../../../ports/requests.ts";
import { callHandler } from "./call.ts";
import { RETRY } from "./retry.ts";

const LIST = "requests";

/**
 * The requests to one run, in order of arrival, each once however often it is asked; whoever drives the run is told. A
 * drive that begins asks for them after it has said so in the run's head: what is added later finds it there.
 */
export function createRequestsObject() {
  async function add(ctx: ObjectContext, request: NewRequest): Promise<RequestRecord | null> {
    const requests = await read(ctx);
    const head: StoredHead | null = await callHandler(ctx, { service: RUN_OBJECT, key: ctx.key, method: "head" }, null);
    if (head === null) return null;
    const known = requests.find(({ key }) => key === request.key);
    // Whoever drove the run then was told, and whoever drives it since has asked.
    if (known !== undefined) return known;
    const added = { ...request, id: (requests.at(-1)?.id ?? 0) + 1 };
    ctx.set(LIST, [...requests, added]);
    ctx.invocation(InvocationIdParser.fromString(head.invocation)).signal(askedSignal(added.id)).resolve(added);
    return added;
  }

  return object({
    name: REQUESTS_OBJECT,
    handlers: {
      add: createObjectHandler(add),
      list: createObjectHandler(read),
      clear: createObjectHandler(async (ctx: ObjectContext): Promise<void> => ctx.clearAll()),
    },
    options: { enableLazyState: true, journalRetention: 0, idempotencyRetention: 0, retryPolicy: RETRY },
  });
}

async function read(ctx: ObjectContext): Promise<readonly RequestRecord[]> {
  return (await ctx.get<readonly RequestRecord[]>(LIST)) ?? [];
}
