import { type OpenRunReader, openReader } from "../app/reader.ts";
import { type OpenRunRequester, openRequester } from "../app/requester.ts";
import type { Invocation } from "./command.ts";
import { placeOf, type RunPlace } from "./place.ts";
import { describeTrouble, ownerOptionsOf, stateOf } from "./state.ts";

/**
 * What a command looks at runs with: those of a state directory, of a server, or of a cluster.
 * @param logsDir where the workers of a cluster keep what containers write
 */
export async function openReaderOf(invocation: Invocation, logsDir?: string): Promise<OpenRunReader> {
  const place = placeOf(invocation);
  if (place.is !== "directory") return openElsewhere(invocation, place, logsDir);
  const { stateDir, shared } = stateOf(invocation);
  return openReader(stateDir, shared);
}

/** What a command asks something of runs with. It opens the state directory as an owner only for a run that nobody drives. */
export async function openRequesterOf(invocation: Invocation): Promise<OpenRunRequester> {
  const place = placeOf(invocation);
  if (place.is !== "directory") return openElsewhere(invocation, place);
  const state = stateOf(invocation);
  return openRequester(
    {
      ...state,
      async openOwner() {
        const { openOwner } = await import("../app/busbar.ts");
        return openOwner(ownerOptionsOf(invocation, state), state.shared);
      },
    },
    state.shared,
  );
}

async function openElsewhere(
  invocation: Invocation,
  place: Exclude<RunPlace, { is: "directory" }>,
  logsDir?: string,
): Promise<OpenRunRequester> {
  if (place.is === "server") return (await import("./open-server.ts")).openServerOf(invocation, place.url);
  const { openCluster } = await import("../app/cluster.ts");
  const onTrouble = (trouble: unknown): void => {
    invocation.io.err.write(`${describeTrouble(trouble)}; trying again\n`);
  };
  return openCluster(
    { ...place, origin: "cli", onTrouble, ...(logsDir === undefined ? {} : { logsDir }) },
    stateOf(invocation).shared,
  );
}
