// Whom a TLS connection trusts, and as whom it presents itself.
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { SecureContext } from "node:tls";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { TlsFault } from "./fault.ts";
import type { Guard } from "./guard.ts";

/** Files are read whenever a connection is made, so that renewed certificates are taken up. */
export interface TlsOptions {
  /** Trusted instead of everything else. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name that the server's certificate must have, and that calls carry as their authority; the target's if left out. */
  readonly serverName?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @param guard asked of the files that the options name; those of the environment are the program's own */
export function createTrust(options: TlsOptions, env: Environment, guard?: Guard): Result<SecureContext, TlsFault> {
  const allowed = readableFiles(options, guard);
  if (!allowed.ok) return allowed;
  const { caFile, certFile, keyFile } = allowed.value;
  const ca = caFile === undefined ? readDefaultTrust(env) : readCertificates(caFile);
  if (!ca.ok) return ca;
  const identity = certFile === undefined || keyFile === undefined ? ok({}) : readIdentity(certFile, keyFile);
  if (!identity.ok) return identity;
  try {
    const { createSecureContext } = process.getBuiltinModule("node:tls");
    // Whatever the file holds is trusted, a service's own certificate or an authority in the middle too, as gRPC's other clients have it.
    return ok(createSecureContext({ ca: [...ca.value], allowPartialTrustChain: true, ...identity.value }));
  } catch (error) {
    // Which keys and signatures are too weak is OpenSSL's to say, and differs from machine to machine.
    const { code = "ERR_SSL" } = error as NodeJS.ErrnoException;
    return err(
      certFile === undefined ? { sort: "other", code } : { sort: "unusableCertificate", file: certFile, code },
    );
  }
}

/** The files as they are to be read. */
function readableFiles(options: TlsOptions, guard: Guard | undefined): Result<TlsOptions, TlsFault> {
  if (guard === undefined) return ok(options);
  const files: { [key in "caFile" | "certFile" | "keyFile"]?: string } = {};
  for (const key of ["caFile", "certFile", "keyFile"] as const) {
    const file = options[key];
    if (file === undefined) continue;
    const readable = guard.readable(file);
    if (!readable.ok) {
      const { error: code } = readable;
      return err(code === undefined ? { sort: "fileNotAllowed", file } : { sort: "unreadableFile", file, code });
    }
    files[key] = readable.value;
  }
  return ok(files);
}

/**
 * SSL_CERT_FILE and SSL_CERT_DIR stand instead of Node's and the system's certificates, as for OpenSSL;
 * NODE_EXTRA_CA_CERTS, which Node has read at its start, adds to either.
 */
function readDefaultTrust(env: Environment): Result<readonly string[], TlsFault> {
  const { SSL_CERT_FILE: file = "", SSL_CERT_DIR: folders = "" } = env;
  const { getCACertificates } = process.getBuiltinModule("node:tls");
  const extra = getCACertificates("extra");
  if (file === "" && folders === "") {
    return ok([...new Set([...getCACertificates("bundled"), ...getCACertificates("system"), ...extra])]);
  }
  const fromFile = file === "" ? ok([]) : readCertificates(file);
  if (!fromFile.ok) return fromFile;
  const fromFolders = folders
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap(readFolder);
  const all = [...new Set([...fromFile.value, ...fromFolders, ...extra])];
  return all.length === 0 ? err({ sort: "emptyFolders", folders }) : ok(all);
}

/** OpenSSL as well passes over what is no certificate in such a folder. */
function readFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const read = readCertificates(join(folder, name));
      return read.ok ? read.value : [];
    });
  } catch {
    return [];
  }
}

function readIdentity(certFile: string, keyFile: string): Result<{ cert: string; key: string }, TlsFault> {
  const certificates = readCertificates(certFile);
  if (!certificates.ok) return certificates;
  const key = readPem(keyFile);
  if (!key.ok) return key;
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key.value);
  } catch {
    return err({ sort: "badKey", file: keyFile });
  }
  const [own = ""] = certificates.value;
  if (!new X509Certificate(own).checkPrivateKey(privateKey)) {
    return err({ sort: "keyOfAnotherCertificate", file: keyFile });
  }
  return ok({ cert: certificates.value.join("\n"), key: key.value });
}

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** The certificates of a PEM file, each by itself. OpenSSL alone takes a file without any for an empty list. */
function readCertificates(file: string): Result<readonly string[], TlsFault> {
  const pem = readPem(file);
  if (!pem.ok) return pem;
  const blocks = pem.value.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return err({ sort: "noCertificate", file });
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch {
    return err({ sort: "badCertificate", file });
  }
  return ok(blocks);
}

function readPem(file: string): Result<string, TlsFault> {
  try {
    return ok(readFileSync(file, "latin1"));
  } catch (error) {
    return err({ sort: "unreadableFile", file, code: (error as NodeJS.ErrnoException).code ?? "EIO" });
  }
}
