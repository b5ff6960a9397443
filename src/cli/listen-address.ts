import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";

/** An interface and a port of this machine. */
export interface ListenAddress {
  /** Without brackets. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** HOST:PORT, also `[::1]:9080`. @throws BusbarError USAGE */
export function readListenAddress(option: string, text: string): ListenAddress {
  const [, bracketed, plain, digits = ""] = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new BusbarError("USAGE", `--${option} is HOST:PORT, as 127.0.0.1:9080 is, not ${quoteWord(text)}`);
}

/** Of what is served at an address, without TLS. */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Whether only this machine reaches it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d+){3}$/.test(host);
}

/** Whether it stands for all addresses of the machine, and so is none that others could call. */
export function isEveryAddress({ host }: ListenAddress): boolean {
  return host === "::" || /^0+(?:\.0+)*$/.test(host);
}
