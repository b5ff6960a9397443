import type { RunState } from "../../../src/engine/state.ts";
import { useKey } from "../../document/keys.ts";
import { nextFailed } from "../../model/node-words.ts";
import type { Past } from "./past/use-past.ts";

interface RunKeys {
  readonly state: RunState;
  readonly past: Past;
  readonly selected: string | undefined;
  readonly onSelect: (nodeId: string) => void;
  readonly onClose: () => void;
}

/** What keys do all over the page of a run. */
export function useRunKeys({ state, past, selected, onSelect, onClose }: RunKeys): void {
  useKey("e", "next failed node", () => {
    const next = nextFailed(state.byPosition, selected);
    if (next !== undefined) onSelect(next);
  });
  useKey("[", "the run one event earlier", () => past.goTo(past.count - 1));
  useKey("]", "the run one event later", () => past.goTo(past.count + 1));
  useKey("Escape", "back to now, then close the node's panel", () => {
    if (past.isPast) past.goToNow();
    else onClose();
  });
}
