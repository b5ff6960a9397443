import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { describeFailure } from "../kernel/describe-failure.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { Option } from "./command.ts";
import type { Values } from "./values.ts";

/** With what a server serves over TLS. */
export const SERVER_TLS_OPTIONS: readonly Option[] = [
  { name: "tls-cert", value: "FILE", about: "serve over TLS with this certificate chain (PEM); read again on SIGHUP" },
  { name: "tls-key", value: "FILE", about: "and this key (PEM)" },
];

/** PEM texts that fit together. */
interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads what SERVER_TLS_OPTIONS name, as it is now.
 * @throws BusbarError USAGE
 */
export function readServerTls(values: Values): ServerTls | undefined {
  const [cert, key] = [values.text("tls-cert"), values.text("tls-key")];
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new BusbarError("USAGE", "--tls-cert and --tls-key go together");
  const tls = { cert: readPem("tls-cert", cert), key: readPem("tls-key", key) };
  try {
    createSecureContext(tls);
  } catch (cause) {
    const message = `--tls-cert ${cert} and --tls-key ${key} are no certificate and its key: ${describeFailure(cause)}`;
    throw new BusbarError("USAGE", message, { cause });
  }
  return tls;
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new BusbarError("USAGE", `--${option} ${path} cannot be read: ${describeFailure(cause)}`, { cause });
  }
}
