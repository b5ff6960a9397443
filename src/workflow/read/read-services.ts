import { isLocal, parseTarget } from "../../kernel/target.ts";
import { DEFAULT_MAX_MESSAGE_BYTES } from "../model/defaults.ts";
import { metadataKeyOf, type Service, type Tls } from "../model/service.ts";
import type { Template } from "../model/template.ts";
import { hasEnvReference } from "../model/template.ts";
import { type Place, placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { findControl, isForbiddenKey, isRawObject, quote, type RawObject } from "../tree/raw.ts";
import { type Reader, readFields, readTemplate, reportForbiddenKey, type Values } from "../tree/read-fields.ts";
import { reportWrongType } from "../tree/report-wrong-type.ts";
import { SERVICE_KEYS } from "./keys.ts";
import { warnOfLookalikes } from "./warn-of-lookalikes.ts";

type Metadata = Pick<Service, "metadata" | "metadataAsWritten">;
const NO_METADATA: Metadata = { metadata: new Map() };

/** What gRPC allows as a name, in lower case. */
const METADATA_NAME = /^[0-9a-z_.-]+$/;
/** Names that gRPC, HTTP/2 or Busbar itself sets. */
const RESERVED =
  /^(?:grpc-.*|x-busbar-.*|idempotency-key|traceparent|content-type|te|user-agent|host|connection|keep-alive|transfer-encoding|upgrade|content-length|proxy-connection|http2-settings)$/;
/** What gRPC allows in a text value. */
export const METADATA_VALUE = /^[\x20-\x7e]*$/;

/**
 * The services that could be read.
 * @returns the names as well: a service with a mistake in it is still there for the nodes that name it
 */
export function readServices(
  reader: Reader,
  raw: unknown,
  place: Place,
): { readonly services: ReadonlyMap<string, Service>; readonly names: ReadonlySet<string> } {
  const services = new Map<string, Service>();
  const names = new Set<string>();
  if (!isRawObject(raw)) {
    reportWrongType(reader.problems, "service_registry must be an object of addresses by name", raw, place);
    return { services, names };
  }
  for (const name of Object.keys(raw)) {
    names.add(name);
    const at = placeAt(place, name);
    const problem = problemOfServiceName(name);
    if (isForbiddenKey(name)) {
      reportForbiddenKey(reader.problems, name, at);
      continue;
    }
    if (problem !== undefined) reader.problems.add("WORKFLOW_INVALID_VALUE", problem, at, { at: "key" });
    const service = readService(reader, name, raw[name], at);
    if (service !== undefined) services.set(name, service);
  }
  const given = [...names].map((name) => ({ name, place: placeAt(place, name), at: "key" as const }));
  warnOfLookalikes(reader.problems, "services", given);
  return { services, names };
}

function problemOfServiceName(name: string): string | undefined {
  if (name === "") return "the name of a service is empty";
  if (name.length > 100) return "the name of a service is longer than 100 characters";
  const control = findControl(name);
  if (control !== undefined) return `the name ${quote(name)} of a service has the control character ${control} in it`;
  return name.isWellFormed() ? undefined : `the name ${quote(name)} has half of a character in it (a lone surrogate)`;
}

function readService(reader: Reader, name: string, raw: unknown, place: Place): Service | undefined {
  const { problems } = reader;
  if (typeof raw === "string") {
    const address = readTemplate(reader, raw, place, `the address of ${quote(name)}`, { env: false });
    if (address === undefined || !checkAddress(problems, address, place)) return undefined;
    return createService(name, address, {});
  }
  if (!isRawObject(raw)) {
    reportWrongType(problems, `the service ${quote(name)} must be an address or an object`, raw, place);
    return undefined;
  }
  const values = readFields(reader, raw, place, SERVICE_KEYS, "a service");
  if (!Object.hasOwn(raw, "address")) {
    problems.add("WORKFLOW_MISSING_KEY", `the service ${quote(name)} has no address`, place, { at: "key" });
  }
  const tls = values.tls === undefined ? undefined : readTls(problems, values.tls, raw.tls, placeAt(place, "tls"));
  const metadata =
    values.metadata === undefined ? NO_METADATA : readMetadata(reader, values.metadata, placeAt(place, "metadata"));
  if (values.address === undefined) return undefined;
  if (!checkAddress(problems, values.address, placeAt(place, "address"))) return undefined;
  const { tls: _, ...rest } = values;
  const service = createService(name, values.address, { ...rest, ...metadata, ...(tls === undefined ? {} : { tls }) });
  // Whoever writes tls means the call to be encrypted, even where its keys could not be read.
  if (!Object.hasOwn(raw, "tls")) reportPlaintextSecret(problems, service, place);
  return service;
}

function createService(
  name: string,
  address: Template,
  values: Omit<Values<typeof SERVICE_KEYS>, "address" | "tls" | "metadata"> & {
    readonly tls?: Tls;
  } & Partial<Metadata>,
): Service {
  return {
    name,
    address,
    ...(values.tls === undefined ? {} : { tls: values.tls }),
    ...NO_METADATA,
    ...(values.metadata === undefined ? {} : { metadata: values.metadata }),
    ...(values.metadataAsWritten === undefined ? {} : { metadataAsWritten: values.metadataAsWritten }),
    health: values.health ?? "optional",
    ...(values.max_concurrency === undefined ? {} : { maxConcurrency: values.max_concurrency }),
    maxMessageBytes: values.max_message_bytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    allowPlaintext: values.allow_plaintext ?? false,
    proxy: values.proxy ?? "auto",
  };
}

/** An address with references is checked when they are filled in. */
export function checkAddress(problems: Problems, address: Template, place: Place): boolean {
  if (typeof address !== "string") return true;
  const target = parseTarget(address);
  if (!target.ok) problems.add("WORKFLOW_INVALID_VALUE", `the address ${quote(address)} ${target.error}`, place);
  return target.ok;
}

function readTls(
  problems: Problems,
  values: NonNullable<Values<typeof SERVICE_KEYS>["tls"]>,
  raw: unknown,
  place: Place,
): Tls {
  const has = (key: string): boolean => isRawObject(raw) && Object.hasOwn(raw, key);
  if (has("cert_file") !== has("key_file")) {
    const [there, missing] = has("cert_file") ? ["cert_file", "key_file"] : ["key_file", "cert_file"];
    problems.add("WORKFLOW_MISSING_KEY", `tls has a ${there} but no ${missing}`, place, { at: "key" });
  }
  return {
    ...(values.ca_file === undefined ? {} : { caFile: values.ca_file }),
    ...(values.cert_file === undefined ? {} : { certFile: values.cert_file }),
    ...(values.key_file === undefined ? {} : { keyFile: values.key_file }),
    ...(values.server_name === undefined ? {} : { serverName: values.server_name }),
  };
}

function readMetadata(reader: Reader, raw: unknown, place: Place): Metadata {
  const { problems } = reader;
  const metadata = new Map<string, Template>();
  const asWritten = new Map<string, string>();
  if (!isRawObject(raw)) {
    reportWrongType(problems, "metadata must be an object of texts", raw, place);
    return NO_METADATA;
  }
  for (const key of Object.keys(raw)) {
    const at = placeAt(place, key);
    const name = key.toLowerCase();
    const problem = problemOfMetadataName(name);
    if (isForbiddenKey(key)) reportForbiddenKey(problems, key, at);
    else if (problem !== undefined) {
      problems.add("WORKFLOW_INVALID_VALUE", `metadata ${quote(key)} ${problem}`, at, { at: "key" });
    } else if (metadata.has(name)) {
      const message = `metadata ${quote(key)} stands twice; upper and lower case are the same`;
      problems.add("WORKFLOW_DUPLICATE_KEY", message, at, { at: "key" });
    } else {
      const value = readMetadataValue(reader, raw, key, at);
      if (value !== undefined) metadata.set(name, value);
      if (value !== undefined && key !== name) asWritten.set(name, key);
    }
  }
  return asWritten.size === 0 ? { metadata } : { metadata, metadataAsWritten: asWritten };
}

function problemOfMetadataName(name: string): string | undefined {
  if (!METADATA_NAME.test(name)) return "is no name that gRPC allows: letters, digits, _ . and - only";
  if (name.endsWith("-bin")) return "would hold binary data, which a workflow file cannot write";
  return RESERVED.test(name) ? "is set by gRPC or by Busbar itself" : undefined;
}

function readMetadataValue(reader: Reader, raw: RawObject, key: string, place: Place): Template | undefined {
  const value = raw[key];
  if (typeof value !== "string") {
    reportWrongType(reader.problems, `metadata ${quote(key)} must be a text`, value, place, { wanted: "text" });
    return undefined;
  }
  if (!METADATA_VALUE.test(value)) {
    const message = `metadata ${quote(key)} has a character that gRPC does not allow in a header: printable ASCII only, on one line`;
    reader.problems.add("WORKFLOW_INVALID_VALUE", message, place);
    return undefined;
  }
  return readTemplate(reader, value, place, `metadata ${quote(key)}`, { env: true });
}

/** Metadata from the environment goes unencrypted to loopback only (semantics.md, "Secrets"). */
export function reportPlaintextSecret(problems: Problems, service: Service, place: Place): void {
  if (service.tls !== undefined || service.allowPlaintext || typeof service.address !== "string") return;
  const target = parseTarget(service.address);
  if (target.ok && isLocal(target.value)) return;
  for (const [name, value] of service.metadata) {
    if (!hasEnvReference(value)) continue;
    const key = metadataKeyOf(service, name);
    const message = `metadata ${quote(key)} of ${quote(service.name)} would travel unencrypted to ${service.address}`;
    problems.add("WORKFLOW_SECRET_PLAINTEXT", message, placeAt(placeAt(place, "metadata"), key));
  }
}
