// What a server that does not have our method has instead, in words.
import { cleanForeign, type Secrets } from "../../kernel/secrets.ts";
import { CONTRACT } from "./contract.ts";

/** Methods listed in a message. */
const MAX_LISTED = 10;

/** `it has no ContainerExecutor/Execute; it offers energy.EnergyGenerator/GenerateData` */
export function describeOffers(offers: readonly string[], secrets: Secrets): string {
  const wanted = `${CONTRACT.service}/${CONTRACT.method}`;
  if (offers.includes(wanted)) return `it says that it offers ${wanted}; something between may not pass it on`;
  const listed = offers.slice(0, MAX_LISTED).join(", ");
  const more = offers.length > MAX_LISTED ? `, and ${offers.length - MAX_LISTED} more` : "";
  const offered =
    offers.length === 0 ? "it offers no service of its own" : `it offers ${cleanForeign(listed, secrets)}${more}`;
  return `it has no ${wanted}; ${offered}`;
}
