import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { cleanText } from "../../kernel/text.ts";
import type { TokenStore } from "../../ports/access.ts";
import type { ApiEnv } from "../env.ts";
import { type Authentication, createAuthentication } from "./authenticate.ts";
import { readSessionCookie } from "./cookie.ts";
import { originOf, type ProxyRules, type ReadHeader } from "./forwarded.ts";
import { hostOf, isAllowedHost } from "./hosts.ts";
import { createLoginLimiter } from "./login-limiter.ts";
import { isFromHere } from "./same-origin.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createStanding } from "./standing.ts";

/** Whom a server lets in. */
export interface GuardOptions {
  readonly tokens: TokenStore;
  readonly clock: Clock;
  /** Origins by which the server is called from elsewhere. */
  readonly publicUrls?: readonly string[];
  readonly proxies?: ProxyRules;
  /** How often open streams are looked at; replaced in tests. */
  readonly lookMs?: number;
}

/** Stands before everything that the server answers. */
export interface Guard extends Pick<Authentication, "logIn"> {
  readonly sessions: Sessions;
  /** Refuses whoever calls the server by a foreign name, before anything else is looked at. */
  readonly checkHost: MiddlewareHandler<ApiEnv>;
  /** Tells who asks, and refuses pages of others and, but for what is open, strangers. */
  readonly admit: MiddlewareHandler<ApiEnv>;
  close(): void;
}

/** What is answered without knowing who asks: whether the server works, signing in, and the pages themselves. */
const OPEN = /^\/(?:healthz|readyz|api\/v1\/session|(?!api(?:\/|$)|metrics(?:\/|$)).*)$/;

export function createGuard(options: GuardOptions): Guard {
  const { tokens, clock, publicUrls = [], proxies = { behindProxy: false, trusted: [] }, lookMs } = options;
  const publicHosts = publicUrls.map(hostOf);
  const sessions = createSessions(clock);
  const standing = createStanding(lookMs);
  const authentication = createAuthentication({ tokens, sessions, limiter: createLoginLimiter(clock), standing });

  return {
    sessions,
    logIn: authentication.logIn,
    close: standing.close,
    async checkHost(c, next) {
      const { incoming } = c.env;
      const from = originOf(incoming.socket, (name) => headerOf(incoming.headers, name), proxies);
      const { host } = from;
      if (!isAllowedHost(host, publicHosts)) {
        const called = host === undefined ? "no name" : cleanText(host, 200);
        throw new BusbarError("HOST_UNKNOWN", `the server is not called ${called}`);
      }
      c.set("from", from);
      await next();
    },
    async admit(c, next) {
      const { address, isLocal, host, scheme } = c.get("from");
      const header: ReadHeader = (name) => headerOf(c.env.incoming.headers, name);
      // A proxy that does not say it has taken the TLS off is known by the name that it was called.
      const isSecure = scheme === "https" || publicUrls.includes(`https://${host}`);
      const session = readSessionCookie(header("cookie"), isSecure);
      const authorization = header("authorization");
      const { method, path } = c.req;
      const hasOnlyToken = authorization !== undefined && header("cookie") === undefined;
      const ownOrigins = [`${scheme}://${host}`, ...publicUrls];
      if (!isFromHere({ method, header, hasOnlyToken, ownOrigins })) {
        throw new BusbarError(
          "ORIGIN_FOREIGN",
          "the request comes from a page of another server, or does not say from where",
        );
      }
      const caller = await authentication.identify({ authorization, session, address, isLocal });
      if (caller.role === "nobody" && !OPEN.test(path)) {
        throw new BusbarError("TOKEN_REQUIRED", "the server does not know who asks");
      }
      c.set("caller", caller);
      c.set("session", { value: session, isSecure });
      await next();
    },
  };
}

/** Of headers that stand several times Node joins those that may, and takes the first of others. */
function headerOf(headers: NodeJS.Dict<string | string[]>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
