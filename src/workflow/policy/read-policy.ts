import { requireObject, requireWord } from "../../kernel/arguments.ts";
import type { Diagnostic } from "../../kernel/diagnostics.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { joinClauses } from "../../kernel/sentences.ts";
import { KINDS } from "../kinds/kinds.ts";
import { type Place, placeAt } from "../tree/place.ts";
import { createProblems, type Problems } from "../tree/problems.ts";
import { isRawObject, quote } from "../tree/raw.ts";
import { type Reader, readFields, type Values } from "../tree/read-fields.ts";
import { reportWrongType } from "../tree/report-wrong-type.ts";
import { type AddressEntry, parseAddressEntry } from "./addresses.ts";
import { type HOST_KEYS, POLICY_KEYS } from "./keys.ts";
import type { HostPolicy } from "./policy.ts";
import { problemOfFolder, readTexts } from "./read-texts.ts";

/** What a policy says: the keys of its file (docs/reference/policy.md). Every key may be left out, and then allows nothing. */
export interface PolicyInput {
  /** Names of environment variables. */
  readonly env?: readonly string[];
  /** Host names, addresses, ranges of addresses, sockets. Left out: all of a network but special ones. */
  readonly addresses?: readonly string[];
  /** Folders in which files of `tls` may lie. */
  readonly files?: readonly string[];
  readonly docker?: {
    readonly enabled?: boolean;
    readonly images?: readonly string[];
    readonly allow?: readonly string[];
    readonly mounts?: readonly { readonly path: string; readonly read_only?: boolean }[];
    readonly max_memory?: string;
    readonly max_cpus?: number;
  };
}

/**
 * Reads a host's policy, or says everything that is wrong with it.
 * @param raw anything, as it came from a file
 * @param name what messages call the policy: the path of its file
 */
export function parsePolicy(raw: unknown, name: string): Result<HostPolicy, readonly Diagnostic[]> {
  const problems = createProblems();
  const policy = isRawObject(raw) ? readKeys(problems, raw, name) : undefined;
  if (policy === undefined) reportWrongType(problems, "a policy must be an object", raw, undefined);
  if (policy !== undefined && problems.count() === 0) return ok(policy);
  // The codes of the parts that read it are those of a workflow file.
  return err(problems.all("").map((one) => ({ ...one, code: "POLICY_INVALID" as const })));
}

/**
 * A host's policy, for executors and runtimes.
 * @param name what messages call it; "the host's policy" if left out
 * @throws BusbarError POLICY_INVALID, USAGE
 */
export function readPolicy(input: PolicyInput, name = "the host's policy"): HostPolicy {
  requireObject("input", input, "an object with the keys of a policy");
  requireWord("name", name);
  const parsed = parsePolicy(input, name);
  if (parsed.ok) return parsed.value;
  const texts = parsed.error.map(({ path, message, suggestion }) => {
    const meant = suggestion === undefined ? "" : ` (did you mean ${quote(suggestion)}?)`;
    return `${path.length === 0 ? "" : `${path.join(".")}: `}${message}${meant}`;
  });
  throw new BusbarError("POLICY_INVALID", `${name}: ${joinClauses(texts)}`, {
    details: { path: [...(parsed.error[0]?.path ?? [])] },
  });
}

function readKeys(problems: Problems, raw: { readonly [key: string]: unknown }, name: string): HostPolicy {
  const reader: Reader = { problems, params: undefined, whereKeyBelongs: () => undefined };
  const values = readFields(reader, raw, undefined, POLICY_KEYS, "a policy");
  const { env, addresses, files } = values as Values<typeof HOST_KEYS>;
  const kinds = KINDS.flatMap(({ policy }) => {
    if (policy === undefined) return [];
    const own = (values[policy.key] ?? {}) as Values<typeof policy.fields>;
    return [[policy.key, policy.read(reader, own, placeAt(undefined, policy.key))] as const];
  });
  return {
    name,
    env: readTexts(problems, env, placeAt(undefined, "env"), problemOfName),
    addresses:
      addresses === undefined ? undefined : readAddresses(problems, addresses, placeAt(undefined, "addresses")),
    files: readTexts(problems, files, placeAt(undefined, "files"), problemOfFolder),
    kinds: Object.fromEntries(kinds),
  };
}

function readAddresses(problems: Problems, raw: unknown, place: Place): readonly AddressEntry[] {
  const isEntry = (text: string): string | undefined =>
    parseAddressEntry(text) === undefined
      ? "is none of HOST, *.DOMAIN, ADDRESS, each with a port or without, ADDRESS/BITS and unix:/PATH"
      : undefined;
  return readTexts(problems, raw, place, isEntry).flatMap((text) => parseAddressEntry(text) ?? []);
}

function problemOfName(text: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? undefined : "is no name of a variable";
}
