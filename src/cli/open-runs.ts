import { type OpenRunReader, openReader } from "../app/reader.ts";
import { type OpenRunRequester, openRequester } from "../app/requester.ts";
import type { Invocation } from "./command.ts";
import { serverOf } from "./place.ts";
import { ownerOptionsOf, stateOf } from "./state.ts";

/** What a command looks at runs with: those of a state directory, or those of a server. */
export async function openReaderOf(invocation: Invocation): Promise<OpenRunReader> {
  const server = serverOf(invocation);
  if (server !== undefined) return (await import("./open-server.ts")).openServerOf(invocation, server);
  const { stateDir, shared } = stateOf(invocation);
  return openReader(stateDir, shared);
}

/** What a command asks something of runs with. It opens the state directory as an owner only for a run that nobody drives. */
export async function openRequesterOf(invocation: Invocation): Promise<OpenRunRequester> {
  const server = serverOf(invocation);
  if (server !== undefined) return (await import("./open-server.ts")).openServerOf(invocation, server);
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
