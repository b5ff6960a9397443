import { hostname } from "node:os";
import { type OpenRunRequester, openRequester } from "../app/requester.ts";
import type { RunView } from "../ports/runtime.ts";
import type { Invocation } from "./command.ts";
import { ownerOptionsOf, stateOf } from "./state.ts";

/** What a command asks something of runs with. It opens the state directory as an owner only for a run that nobody drives. */
export function openRequesterOf(invocation: Invocation): OpenRunRequester {
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

/** Whether another process drives the run. This one lets go of it when the command ends. */
export function isDrivenElsewhere({ owner }: Pick<RunView, "owner">): boolean {
  return owner?.alive === true && (owner.pid !== process.pid || owner.host !== hostname());
}
