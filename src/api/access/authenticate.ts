import { BusbarError } from "../../kernel/errors.ts";
import type { TokenRecord, TokenStore } from "../../ports/access.ts";
import type { Caller } from "./caller.ts";
import type { LoginLimiter } from "./login-limiter.ts";
import type { Sessions } from "./sessions.ts";
import type { Standing } from "./standing.ts";

/** What a request shows of who makes it. */
export interface Shown {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** Of the session's cookie. */
  readonly session: string | undefined;
  readonly address: string;
  /** Somebody on this machine, with nothing between. */
  readonly isLocal: boolean;
}

export interface AuthenticationTools {
  readonly tokens: TokenStore;
  readonly sessions: Sessions;
  readonly limiter: LoginLimiter;
  readonly standing: Standing;
}

/** Tells who makes a request. */
export interface Authentication {
  /**
   * A token counts before a session, a session before the place. Until somebody has made a token, whoever is on this
   * machine is operator.
   * @throws BusbarError TOKEN_INVALID, TOO_MANY_LOGINS; JOURNAL_…
   */
  identify(shown: Shown): Promise<Caller>;
  /** The token's record. @throws as `identify` */
  logIn(token: string, address: string): Promise<TokenRecord>;
}

export function createAuthentication({ tokens, sessions, limiter, standing }: AuthenticationTools): Authentication {
  const logIn = async (token: string, address: string): Promise<TokenRecord> => {
    const record = await tokens.find(token);
    if (record === undefined) throw failure(limiter.fail(address));
    tokens.noteUse(record.id);
    return record;
  };

  const bearerOf = (record: TokenRecord, address: string, key: string, isGood: () => Promise<boolean>): Caller => ({
    role: record.role,
    name: record.name ?? (record.own ? "the server's own token" : `token ${record.id}`),
    id: `token:${record.id}`,
    ...(record.own ? { isMachine: true } : {}),
    address,
    get until() {
      return standing.follow(key, isGood);
    },
  });

  const isValid = async (id: string): Promise<boolean> => (await tokens.findById(id)) !== undefined;

  const ofSession = async (session: string, address: string): Promise<Caller | undefined> => {
    const id = sessions.find(session);
    const record = id === undefined ? undefined : await tokens.findById(id);
    if (id === undefined || record === undefined) return undefined;
    tokens.noteUse(id);
    const isGood = async (): Promise<boolean> => sessions.look(session) === id && isValid(id);
    return bearerOf(record, address, `session:${session}`, isGood);
  };

  const isOpen = async (): Promise<boolean> => !(await tokens.hasMade());

  return {
    logIn,
    async identify({ authorization, session, address, isLocal }) {
      if (authorization !== undefined) {
        const record = await logIn(/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? "", address);
        return bearerOf(record, address, `token:${record.id}`, () => isValid(record.id));
      }
      const signedIn = session === undefined ? undefined : await ofSession(session, address);
      if (signedIn !== undefined) return signedIn;
      if (!isLocal || !(await isOpen())) return { role: "nobody", name: "nobody", id: "nobody", address };
      return {
        role: "operator",
        name: "loopback",
        id: "loopback",
        isMachine: true,
        address,
        get until() {
          return standing.follow("loopback", isOpen);
        },
      };
    },
  };
}

function failure(waitS: number): BusbarError {
  if (waitS === 0)
    return new BusbarError("TOKEN_INVALID", "the token is not one of this server's, or not valid any more");
  return new BusbarError("TOO_MANY_LOGINS", `too many logins have failed; try again in ${waitS} s`, {
    details: { retry_after_s: waitS },
  });
}
