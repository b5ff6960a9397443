/** What a caller of the server may do: each role may do all that those before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
/** One of them. */
export type Role = (typeof ROLES)[number];

/** What is known of a token; as in JSON, hence snake_case. The token itself is nowhere. */
export interface TokenRecord {
  readonly id: string;
  readonly role: Role;
  /** For people: whose it is, what it is for. */
  readonly name?: string;
  /** The server made it for its own machine. */
  readonly own?: true;
  /** RFC 3339, as all times here. */
  readonly created_at: string;
  /** From then on it is not valid any more. */
  readonly expires_at?: string;
  /** To the minute. */
  readonly last_used_at?: string;
}

/** A token to make. */
export interface NewToken {
  readonly role: Role;
  readonly name?: string;
  readonly expiresAt?: string;
  readonly own?: true;
  /** Stored in the same transaction, with the token's id. */
  readonly audit?: NewAuditEntry;
}

/** A token that was made. */
export interface MadeToken {
  /** 256 bits from the system's randomness. It is told here and never again: what is stored is its SHA-256. */
  readonly token: string;
  readonly record: TokenRecord;
}

/** Who may use a server. */
export interface TokenStore {
  create(token: NewToken): Promise<MadeToken>;
  /** The oldest first, those that have expired too. */
  list(): Promise<readonly TokenRecord[]>;
  /**
   * @param audit stored in the same transaction, if the token is there
   * @returns false where no token has this id
   */
  revoke(id: string, audit?: NewAuditEntry): Promise<boolean>;
  /** The record of a token that is valid now; found in a time that tells nothing of other tokens. */
  find(token: string): Promise<TokenRecord | undefined>;
  /** The same by its id, for whoever has shown the token before. */
  findById(id: string): Promise<TokenRecord | undefined>;
  /** The token was used now. It is written at most once a minute, and nobody waits for that. */
  noteUse(id: string): void;
  /** Whether anybody ever made a token here, be it revoked by now; the server's own does not count. */
  hasMade(): Promise<boolean>;
}

/** What somebody did; as in JSON, hence snake_case. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly n: number;
  /** RFC 3339. */
  readonly at: string;
  /** `token:ID`, `loopback`, or `user@host` of a command. */
  readonly by: string;
  readonly role?: Role;
  /** Where the call came from. */
  readonly address?: string;
  /** What was done, as `run.start`. */
  readonly action: string;
  readonly run_id?: string;
  readonly workflow?: string;
  readonly token_id?: string;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
}

/** An entry that has no number yet. */
export type NewAuditEntry = Omit<AuditEntry, "n">;

/** Some entries of the audit log. */
export interface AuditPage {
  /** The newest first. */
  readonly entries: readonly AuditEntry[];
  /** `before` of the next page, if there are older ones. */
  readonly next?: number;
}

/** Who did what. The oldest entries go once there are a million. */
export interface AuditLog {
  /** Resolves when the entry is durable. */
  add(entry: NewAuditEntry): Promise<void>;
  /** @param options entries with `n` < before, `limit` of them at most (default: 100) */
  read(options?: { readonly before?: number; readonly limit?: number }): Promise<AuditPage>;
}

/** What can be read of who may use a server, and of what they did. */
export interface AccessReader {
  readonly tokens: Pick<TokenStore, "list">;
  readonly audit: Pick<AuditLog, "read">;
}
