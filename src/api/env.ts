import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { NewAuditEntry } from "../ports/access.ts";
import type { Idempotency } from "../ports/run-facts.ts";
import type { Caller } from "./access/caller.ts";
import type { Origin } from "./access/forwarded.ts";

/** What a request carries on its way. */
export interface ApiEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    caller: Caller;
    from: Origin;
    session: BrowserSession;
    /** Whether its body has been read and found fit to be parsed. */
    isBodyRead?: boolean;
    /** Of a request to start a run that is to be known again. */
    idempotency?: Idempotency;
    /** Of a request that changes something. */
    trail: AuditTrail;
    record: RecordAudit;
    /** The wall clock. */
    now: () => number;
  };
}

export type ApiContext = Context<ApiEnv>;

/** What a browser shows of its session, and how a new one is to be given to it. */
export interface BrowserSession {
  readonly value: string | undefined;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
}

/** The entry of the audit log that a request leaves. */
export interface AuditTrail {
  /** For whoever stores the entry together with what it is about; `settle` then says so. */
  entry(): NewAuditEntry;
  /** What the request is about, beside what its path says. */
  about(what: Pick<NewAuditEntry, "run_id" | "workflow" | "token_id">): void;
  /** The entry is stored already, or nothing has changed. */
  settle(): void;
}

/** Stores an entry; what cannot be stored is told elsewhere, and fails nothing that is done. */
export type RecordAudit = (entry: NewAuditEntry) => Promise<void>;
