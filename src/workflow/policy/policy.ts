// What a host allows the workflows that it runs: a file must not grant itself what its host did not.
import { posix } from "node:path";
import { hasReferences, type Template } from "../model/template.ts";
import type { AddressRules } from "./addresses.ts";

/**
 * A host's policy, read. Where there is none, a workflow may do what the user may do who runs it (the command line);
 * one that says nothing allows nothing but services at ordinary addresses of a network (a server's default).
 */
export interface HostPolicy {
  /** What messages call it: the path of its file. */
  readonly name: string;
  /** Environment variables that `${env.NAME}` may read. */
  readonly env: readonly string[];
  readonly addresses: AddressRules;
  /** Folders in which files of `tls` may lie; absolute. */
  readonly files: readonly string[];
  /** What single kinds of nodes read of it, by their keys. */
  readonly kinds: { readonly [key: string]: unknown };
}

/** Something of a workflow that a policy does not allow. */
export interface Refusal {
  /** Within the node or service. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Who must change what. */
  readonly remedy: string;
}

/** What is told of a thing that could be listed: what the policy lists, and who has to change what. */
export function refuseUnlisted(
  policy: Pick<HostPolicy, "name">,
  path: Refusal["path"],
  what: string,
  key: string,
  listed: readonly string[],
  entry: string = what,
): Refusal {
  const lists = listed.length === 0 ? "lists none" : `lists ${listed.map((one) => JSON.stringify(one)).join(", ")}`;
  return {
    path,
    message: `${what} is not allowed on this host: ${key} of ${policy.name} ${lists}`,
    remedy: `Change the file, or have whoever runs this host add ${entry} to ${key} in ${policy.name}.`,
  };
}

/** Whether an absolute path is a folder, or lies in it, by its text; one with `..` in it never does. */
export function liesIn(path: string, folder: string): boolean {
  if (!path.startsWith("/") || path.split("/").includes("..")) return false;
  const [inner, outer] = [withSlash(posix.normalize(path)), withSlash(posix.normalize(folder))];
  return inner.startsWith(outer);
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

/** Environment variables that a text names and that a host does not let it read. */
export function refuseEnv(
  policy: Pick<HostPolicy, "name" | "env">,
  path: Refusal["path"],
  names: Iterable<string>,
): readonly Refusal[] {
  return [...new Set(names)]
    .filter((name) => !policy.env.includes(name))
    .map((name) => refuseUnlisted(policy, path, `the environment variable ${name}`, "env", policy.env, name));
}

export function envNamesOf(template: Template): readonly string[] {
  if (!hasReferences(template)) return [];
  return template.flatMap((part) => (typeof part !== "string" && part.scope === "env" ? [part.name] : []));
}
