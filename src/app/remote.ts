import type { Clock } from "../kernel/clock.ts";
import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";
import { createRemoteRuntime, type RemoteRuntime } from "../runtimes/remote/runtime.ts";
import { isAnnounced } from "./server/announcement.ts";
import { readOwnToken } from "./server/own-token.ts";

export interface RemoteOptions {
  /** Of the server: `https://busbar.example.org`. */
  readonly url: string;
  /** Left out: the server's own, where it is one of this machine and of this state directory. */
  readonly token?: string;
  readonly stateDir: string;
  readonly clock: Clock;
  /** Names proxies for servers that are not on this machine, as environment variables do. */
  readonly proxyEnv?: NodeJS.ProcessEnv;
  /** Told when the server is away, which is survived for a while. */
  readonly onTrouble?: (trouble: unknown) => void;
}

/** The runs of a server. */
export interface OpenRemote extends Omit<RemoteRuntime, "close"> {
  readonly isOnThisMachine: boolean;
  /** Ends what is being watched. Runs go on. */
  close(): Promise<void>;
}

/**
 * Opens a server's runs. Nothing is sent before something is asked of it.
 * @throws BusbarError USAGE
 */
export async function openRemote({ url: text, token, stateDir, ...options }: RemoteOptions): Promise<OpenRemote> {
  const url = readServerUrl(text);
  const isOnThisMachine = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (!isOnThisMachine && token !== undefined && url.protocol === "http:") {
    throw new BusbarError(
      "USAGE",
      `the token would travel unencrypted to ${url.host}: give a URL with https://, or of a tunnel on this machine`,
    );
  }
  const { clock, proxyEnv, onTrouble } = options;
  const isOurs = token === undefined && isOnThisMachine && isAnnounced(stateDir, url);
  const shown = isOurs ? readOwnToken(stateDir) : token;
  const runtime = await createRemoteRuntime({
    clock,
    server: {
      url,
      ...(shown === undefined ? {} : { token: shown }),
      ...(proxyEnv === undefined || isOnThisMachine ? {} : { proxyEnv }),
    },
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
  return { ...runtime, isOnThisMachine, close: async () => runtime.close() };
}

/** @throws BusbarError USAGE */
function readServerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): never => {
    throw new BusbarError("USAGE", `the server ${quoteWord(escapeUnseen(text))} ${why}`);
  };
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return refuse("is no URL of a server, as http://127.0.0.1:8080 or https://busbar.example.org is");
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("has a password in its URL: give the token by BUSBAR_TOKEN or --token-file");
  }
  if (url.search !== "" || url.hash !== "") return refuse("has more in its URL than a server and a path");
  return url;
}
