import { hostname } from "node:os";
import { openSqliteJournal } from "../adapters/journal-sqlite/journal.ts";
import { openJournalReader } from "../adapters/journal-sqlite/reader.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { timestampOf } from "../kernel/timestamp.ts";
import type { MadeToken, NewAuditEntry, NewToken, TokenRecord, TokenStore } from "../ports/access.ts";
import { describeCaller } from "./caller.ts";
import type { Shared } from "./shared.ts";
import { BUSBAR_VERSION } from "./version.ts";

/** The state directory whose server the tokens are for, whether or not it runs. */
export interface TokenPlace {
  readonly stateDir: string;
  readonly allowRemoteState: boolean;
  readonly shared: Shared;
}

/** Makes a token; a server that runs knows it at once. @throws BusbarError JOURNAL_… */
export function createToken(place: TokenPlace, token: Omit<NewToken, "audit" | "own">): Promise<MadeToken> {
  return withTokens(place, (tokens) => tokens.create({ ...token, audit: entryOf(place, "token.create") }));
}

/** @returns false where no token has this id. @throws BusbarError JOURNAL_… */
export function revokeToken(place: TokenPlace, id: string): Promise<boolean> {
  return withTokens(place, (tokens) => tokens.revoke(id, entryOf(place, "token.revoke")));
}

/** All tokens, the oldest first. @throws BusbarError JOURNAL_… */
export async function listTokens({ stateDir, shared }: TokenPlace): Promise<readonly TokenRecord[]> {
  const reader = openJournalReader({ stateDir, clock: shared.clock });
  try {
    return await reader.tokens.list();
  } finally {
    await reader.close();
  }
}

async function withTokens<T>(place: TokenPlace, action: (tokens: TokenStore) => Promise<T>): Promise<T> {
  const { stateDir, allowRemoteState, shared } = place;
  const journal = await openSqliteJournal({
    ...{ stateDir, clock: shared.clock, allowRemoteState, pid: process.pid, host: hostname() },
    ids: createSystemIds(),
    busbarVersion: BUSBAR_VERSION,
  });
  try {
    return await action(journal.tokens);
  } finally {
    await journal.close();
  }
}

function entryOf({ shared }: TokenPlace, action: string): NewAuditEntry {
  return { at: timestampOf(shared.clock.now()), by: describeCaller(), action, outcome: "done" };
}
