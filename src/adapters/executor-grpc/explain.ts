// What a status alone does not say, found out by asking the peer a little more.
import type { Secrets } from "../../kernel/secrets.ts";
import type { Service } from "../../workflow/model/service.ts";
import { failedToConnect, isStillLookingUp } from "./connect-failure.ts";
import { CONTRACT } from "./contract.ts";
import { explainConnectFailure } from "./explain-connect-failure.ts";
import { type Channel, ConnectivityState, type Metadata, Status, type StatusObject } from "./grpc-js.ts";
import { askForOffers } from "./reflection.ts";
import { cleanForeign } from "./words.ts";

/** How long asking for an explanation may take; a person waits for it, but so does the run. */
const EXPLAIN_MS = 1000;
/** Methods listed in a message. */
const MAX_LISTED = 10;

/**
 * Why a call failed, as the rest of a sentence that begins with "<service> at <address> "; undefined where the status
 * itself says it all. Never rejects.
 */
export async function explainFailure(
  service: Service,
  channel: Channel,
  metadata: Metadata,
  status: StatusObject,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (failedToConnect(status)) {
    return `could not be reached: ${(await explainConnectFailure(service, status, signal)).text}`;
  }
  if (isStillLookingUp(status)) {
    return "was not called in time: its host name was still being looked up; the machine's DNS does not answer";
  }
  if (
    status.code === Status.DEADLINE_EXCEEDED &&
    channel.getConnectivityState(false) === ConnectivityState.CONNECTING
  ) {
    return "did not answer as a gRPC server in time: something accepts connections there and stays silent, or drops them";
  }
  if (status.code !== Status.UNIMPLEMENTED) return undefined;
  const http = describeHttpStatus(status);
  if (http !== undefined) return `${http}: something that does not speak gRPC may be listening there`;
  const options = { metadata, timeoutMs: EXPLAIN_MS };
  const offers = await askForOffers(channel, options, AbortSignal.any([signal, AbortSignal.timeout(EXPLAIN_MS)]));
  if (offers === undefined || signal.aborted) return undefined;
  const words = status.details.trim();
  return `failed with UNIMPLEMENTED${words === "" ? "" : ` (${cleanForeign(words, secrets)})`}: ${describeOffers(offers, secrets)}`;
}

/** grpc-js makes a status of an HTTP one where a server sends no grpc-status. */
export function describeHttpStatus(status: StatusObject): string | undefined {
  const number = /^Received HTTP status code (\d+)/.exec(status.details)?.[1];
  return number === undefined ? undefined : `answered with HTTP status ${number} and no gRPC status`;
}

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
