import { type HostPolicy, type Refusal, refuseUnlisted } from "../../policy/policy.ts";
import { quote } from "../../tree/raw.ts";
import { findOption } from "./option-names.ts";
import { canonicalValue } from "./powers.ts";

const ANY = /^/;

/**
 * Options that reach nothing outside of the container. All others have to be listed in a policy, those too that need no
 * allowing in a file: a port that is published, a network that others are in, a file that the client reads.
 */
const HARMLESS: { readonly [name: string]: RegExp } = {
  // Looked at by themselves.
  volume: ANY,
  mount: ANY,
  env: ANY,
  memory: ANY,
  cpus: ANY,
  "add-host": ANY,
  "cap-drop": ANY,
  "cpu-shares": ANY,
  dns: ANY,
  "dns-option": ANY,
  "dns-search": ANY,
  domainname: ANY,
  entrypoint: ANY,
  expose: ANY,
  "health-cmd": ANY,
  "health-interval": ANY,
  "health-retries": ANY,
  "health-start-interval": ANY,
  "health-start-period": ANY,
  "health-timeout": ANY,
  hostname: ANY,
  init: ANY,
  label: ANY,
  "log-driver": ANY,
  "log-opt": ANY,
  "memory-reservation": ANY,
  name: ANY,
  network: /^(?:none|bridge|default)$/,
  "no-healthcheck": ANY,
  "pids-limit": ANY,
  platform: ANY,
  privileged: /^false$/,
  pull: ANY,
  "read-only": ANY,
  "security-opt": /^no-new-privileges(?:[:=]true)?$/,
  "shm-size": ANY,
  "stop-signal": ANY,
  "stop-timeout": ANY,
  tmpfs: ANY,
  user: ANY,
  workdir: ANY,
};

/** @param allow of the policy */
export function refuseOptions(
  policy: Pick<HostPolicy, "name">,
  allow: readonly string[],
  options: readonly string[],
): readonly Refusal[] {
  return options.flatMap((option) => {
    const { name, value } = splitOption(option);
    const rule = Object.hasOwn(HARMLESS, name) ? HARMLESS[name] : undefined;
    if (rule?.test(value) === true || isListed(allow, option)) return [];
    return [refuseUnlisted(policy, ["docker"], `the option ${quote(option)}`, "docker.allow", allow, quote(option))];
  });
}

/** Whether an option stands in a list of them, with its value or without any. */
export function isListed(allow: readonly string[], option: string): boolean {
  const { name, value } = splitOption(option);
  const canonical = option.includes("=") ? `--${name}=${canonicalValue(name, value)}` : option;
  return allow.some((entry) => {
    const other = splitOption(entry);
    if (!entry.includes("=")) return entry === `--${name}`;
    return `--${other.name}=${canonicalValue(other.name, other.value)}` === canonical;
  });
}

/** What is wrong with an entry of `allow` in a policy. */
export function problemOfAllowed(entry: string): string | undefined {
  if (entry.startsWith("/")) return "is a path; folders that containers may mount stand in mounts";
  const written = entry.split("=")[0] ?? "";
  const option = written.startsWith("--")
    ? (findOption("docker", written) ?? findOption("podman", written))
    : undefined;
  if (option === undefined || `--${option.name}` !== written) {
    return "is no option of a container by its long name, like --cap-add or --network=host";
  }
  return undefined;
}

function splitOption(option: string): { readonly name: string; readonly value: string } {
  const equals = option.indexOf("=");
  if (equals < 0) return { name: option.slice(2), value: "" };
  return { name: option.slice(2, equals), value: option.slice(equals + 1) };
}
