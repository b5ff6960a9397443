import type { Clock } from "../../kernel/clock.ts";
import { authorityOf, type Target } from "../../kernel/target.ts";
import type { CallContext, CallOptions } from "./call.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";
import type { Guard } from "./guard.ts";
import { chooseProxy } from "./proxy.ts";
import type { Lookup } from "./resolve.ts";
import { Code } from "./status.ts";
import { type MessageStream, openStream } from "./stream.ts";
import type { Environment, TlsOptions } from "./trust.ts";
import { callUnary, type UnaryResult } from "./unary.ts";

export interface ChannelOptions {
  readonly clock: Clock;
  /** Plaintext if left out. */
  readonly tls?: TlsOptions;
  /** Whether the environment's proxies are used; "auto" if left out. */
  readonly proxy?: "auto" | "off";
  /** Proxies and trust are read from it; that of the process if left out. */
  readonly env?: Environment;
  /** How calls name their sender; a line without control characters. */
  readonly userAgent?: string;
  /** Looks names up instead of the system. */
  readonly lookup?: Lookup;
  /** Asked before anything is connected to; everything may be if left out. */
  readonly guard?: Guard;
}

/** The way to one target. Connects with its first call, and again whenever a call finds no connection. */
export interface Channel {
  /** @param path `/package.Service/Method` */
  unary(path: string, request: Uint8Array, options?: CallOptions): Promise<UnaryResult>;
  open(path: string, options?: CallOptions): MessageStream;
  /** Whether a connection is there. */
  readonly isReady: boolean;
  /** Whether no call waits or is under way. */
  readonly isIdle: boolean;
  /** For good. Calls that wait fail, those under way go on to their end. */
  close(): void;
}

export function createChannel(target: Target, options: ChannelOptions): Channel {
  const { clock, tls, env = process.env } = options;
  const proxy = options.proxy === "off" ? undefined : chooseProxy(target, env);
  const dispatcher =
    proxy?.ok === false
      ? createFailing(proxy.error)
      : createDispatcher({
          target,
          clock,
          env,
          ...(tls === undefined ? {} : { tls }),
          ...(proxy?.value === undefined ? {} : { proxy: proxy.value }),
          ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
          ...(options.guard === undefined ? {} : { guard: options.guard }),
        });
  let calls = 0;
  const context: CallContext = {
    clock,
    dispatcher,
    scheme: tls === undefined ? "http" : "https",
    authority: tls?.serverName ?? authorityOf(target),
    userAgent: options.userAgent ?? "grpc-node",
    count(change) {
      calls += change;
    },
  };
  return {
    unary: (path, request, callOptions = {}) => callUnary(context, path, request, callOptions),
    open: (path, callOptions = {}) => openStream(context, path, callOptions),
    get isReady() {
      return dispatcher.isReady;
    },
    get isIdle() {
      return calls === 0;
    },
    close: () => dispatcher.close(),
  };
}

/** Of a channel that cannot exist: every call fails alike. */
function createFailing(fault: Extract<ReturnType<typeof chooseProxy>, { ok: false }>["error"]): Dispatcher {
  return {
    submit: (pending) => pending.fail(Code.UNAVAILABLE, fault),
    withdraw: () => fault,
    isReady: false,
    close: () => undefined,
  };
}
