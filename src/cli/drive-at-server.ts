import type { OpenRemote } from "../app/remote.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { Invocation } from "./command.ts";
import { type BeginElsewhere, driveElsewhere } from "./drive-elsewhere.ts";
import { openServerOf } from "./open-server.ts";
import type { State } from "./state.ts";

/**
 * Lets a server drive a run, and shows it.
 * @returns the exit code
 */
export async function driveAtServer(
  invocation: Invocation,
  url: string,
  state: State,
  begin: BeginElsewhere<OpenRemote>,
): Promise<number> {
  if (invocation.values.text("policy") !== undefined) {
    throw new BusbarError("USAGE", "--policy says nothing to a server: it goes by its own policy");
  }
  return driveElsewhere(invocation, state, begin, {
    where: `at ${url}`,
    whenBack: "at the server once that is back",
    isAway: (code) => code.startsWith("SERVER_") || code.startsWith("TOKEN_"),
    open: (warn) => openServerOf(invocation, url, warn),
  });
}
