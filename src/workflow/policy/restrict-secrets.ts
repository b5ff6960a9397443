import type { Secrets } from "../../kernel/secrets.ts";
import type { HostPolicy } from "./policy.ts";

/** The same secrets, of which only those that a host lists can be read. */
export function restrictSecrets(secrets: Secrets, policy: Pick<HostPolicy, "env"> | undefined): Secrets {
  if (policy === undefined) return secrets;
  return { ...secrets, read: (name) => (policy.env.includes(name) ? secrets.read(name) : undefined) };
}
