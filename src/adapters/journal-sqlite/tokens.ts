import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { TokenRecord, TokenStore } from "../../ports/access.ts";
import type { StoredTokens } from "./access-reads.ts";
import type { StoredToken } from "./access-rows.ts";
import type { AccessWrites } from "./access-writes.ts";

/** Stands before every token, so that people and scanners know one where they see it. */
const PREFIX = "bbt_";
const TOKEN_BYTES = 32;
const ID_BYTES = 6;

/** Between two notes of one token's use. */
const USE_STEP_MS = 60_000;

export interface TokenTools {
  readonly clock: Clock;
  readonly read: () => Promise<StoredTokens>;
  /** A number that differs after anybody else wrote. */
  readonly version: () => number;
  readonly submit: <T>(step: (writes: AccessWrites) => T) => Promise<T>;
}

/** Tokens by the hex of their hash, as long as nobody has written. */
interface Known {
  readonly version: number;
  readonly byHash: ReadonlyMap<string, StoredToken>;
  readonly byId: ReadonlyMap<string, StoredToken>;
  readonly made: number;
}

/** Keeps in memory what is stored: asking for a token reads no table unless somebody has written. */
export function createTokenStore({ clock, read, version, submit }: TokenTools): TokenStore {
  let known: Promise<Known> | undefined;
  let knownVersion = 0;
  let ownWrites = 0;
  const noted = new Map<string, number>();

  const load = (): Promise<Known> => {
    const now = version() + ownWrites;
    if (known !== undefined && knownVersion === now) return known;
    knownVersion = now;
    const loading = read().then(
      ({ tokens, made }): Known => ({
        version: now,
        byHash: new Map(tokens.map((token) => [token.hash, token])),
        byId: new Map(tokens.map((token) => [token.record.id, token])),
        made,
      }),
    );
    known = loading;
    // What could not be read is read again.
    loading.catch(() => {
      if (known === loading) known = undefined;
    });
    return loading;
  };

  const write = async <T>(step: (writes: AccessWrites) => T): Promise<T> => {
    const result = await submit(step);
    ownWrites += 1;
    return result;
  };

  const ifValid = (token: StoredToken | undefined): TokenRecord | undefined => {
    if (token === undefined) return undefined;
    const { expires_at } = token.record;
    return expires_at !== undefined && Date.parse(expires_at) <= clock.now() ? undefined : token.record;
  };

  return {
    async create({ role, name, expiresAt, own, audit }) {
      const token = `${PREFIX}${randomBytes(TOKEN_BYTES).toString("base64url")}`;
      const record: TokenRecord = {
        id: randomBytes(ID_BYTES).toString("hex"),
        role,
        ...(name === undefined ? {} : { name }),
        ...(own === undefined ? {} : { own }),
        created_at: timestampOf(clock.now()),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      };
      await write((writes) => writes.addToken({ record, hash: digestOf(token).toString("hex") }, audit));
      return { token, record };
    },
    list: async () => [...(await load()).byId.values()].map(({ record }) => record),
    revoke: (id, audit) => write((writes) => writes.revokeToken(id, audit)),
    async find(token) {
      const digest = digestOf(token);
      const found = (await load()).byHash.get(digest.toString("hex"));
      // How long the look-up takes tells of digests, of which nobody can choose more than a beginning.
      const isIt = found !== undefined && timingSafeEqual(digest, Buffer.from(found.hash, "hex"));
      return isIt ? ifValid(found) : undefined;
    },
    findById: async (id) => ifValid((await load()).byId.get(id)),
    noteUse(id) {
      const now = clock.now();
      const last = noted.get(id);
      if (last !== undefined && now - last < USE_STEP_MS && now >= last) return;
      noted.set(id, now);
      // Whoever shows the token is served whether or not this can be written.
      write((writes) => writes.noteTokenUse(id, timestampOf(now))).catch(() => undefined);
    },
    hasMade: async () => (await load()).made > 0,
  };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
