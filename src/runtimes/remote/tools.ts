import { BusbarError } from "../../kernel/errors.ts";
import { RUN_ID_PATTERN } from "../../kernel/ids.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { ApiAnswer, ApiRequest, Connection } from "./connection.ts";
import type { Patience } from "./patience.ts";

/** What every part of the client has. */
export interface RemoteTools {
  readonly connection: Connection;
  readonly createPatience: () => Patience;
  /** Resolves after so long, or when the signal aborts, or the connection is closed. */
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The path of a run. What no run can be called, the server would not take for a run at all. */
export function runPath({ connection }: Pick<RemoteTools, "connection">, runId: string): string {
  if (!RUN_ID_PATTERN.test(runId)) refuseUnknown(runId, connection.url);
  return `/runs/${runId}`;
}

/** Asks until there is an answer: for what may be asked twice. */
export async function ask<T>({ connection, createPatience }: RemoteTools, request: ApiRequest): Promise<ApiAnswer<T>> {
  const patience = createPatience();
  for (;;) {
    try {
      return await connection.call<T>(request);
    } catch (thrown) {
      await patience.lost(thrown, request.signal);
      request.signal?.throwIfAborted();
      connection.closed.throwIfAborted();
    }
  }
}

/** Whether the error is one of that code. */
export function hasCode(thrown: unknown, code: BusbarError["code"]): boolean {
  return thrown instanceof BusbarError && thrown.code === code;
}
