import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import type { RunState } from "../../../../src/engine/state.ts";
import { isTerminalRun } from "../../../../src/engine/status.ts";
import { quoteWord } from "../../../../src/kernel/quote-word.ts";
import { api } from "../../../api/api.ts";
import { askOfRun } from "../../../api/ask-of-run.ts";
import { mayAct, useSession } from "../../../api/session.ts";
import type { RunView } from "../../../api/shapes.ts";
import { ActionButton } from "../../../parts/action/action-button.tsx";
import { curlLine } from "../../../parts/command/command-line.ts";
import { Link } from "../../../parts/link.tsx";
import { goTo } from "../../../router.ts";
import { RerunButton } from "./rerun-button.tsx";
import { ResumeButton } from "./resume-button.tsx";

/** Whether it has ended short of its aim, or nobody drives it. */
function canResume({ owner, explanation }: RunView, { status }: Pick<RunState, "status">): boolean {
  if (isTerminalRun(status)) return status !== "succeeded";
  return owner?.alive === false || explanation.reason.kind === "left";
}

interface RunActionsProps {
  readonly run: RunView;
  /** As it is now: nobody acts on the past. */
  readonly present: RunState;
  readonly isPast: boolean;
  /** The node that is looked at: a rerun may begin with it. */
  readonly selected: string | undefined;
}

/** What can be done to a run as it stands. */
export function RunActions({ run, present, isPast, selected }: RunActionsProps): ReactNode {
  const session = useSession();
  const { run_id } = run;
  const path = { run_id };
  const word = quoteWord(run_id);
  const hasEnded = isTerminalRun(present.status);
  const isLeft = !hasEnded && canResume(run, present);
  const isPaused = present.paused !== undefined;
  const box = useFocusKept(`${present.status} ${isLeft} ${isPaused}`);
  return (
    <div className="run-actions" ref={box}>
      {canResume(run, present) ? <ResumeButton run={run} isPast={isPast} /> : null}
      {hasEnded || isLeft ? null : (
        <ActionButton
          label={isPaused ? "Unpause" : "Pause"}
          role="operator"
          {...(isPaused ? { variant: "primary" } : {})}
          command={`${isPaused ? "unpause" : "pause"} ${word}`}
          disabled={isPast}
          act={() => askOfRun(run_id, isPaused ? "unpause" : "pause")}
        />
      )}
      {hasEnded ? null : (
        <ActionButton
          label="Cancel run"
          role="operator"
          variant="danger"
          command={`cancel ${word}`}
          disabled={isPast || present.cancel !== undefined}
          confirm={{
            title: "Cancel this run?",
            text: "Nothing more starts, and calls that are under way are aborted. It can be resumed later.",
          }}
          act={() => askOfRun(run_id, "cancel")}
        />
      )}
      {hasEnded || isLeft ? <RerunButton run={run} present={present} isPast={isPast} selected={selected} /> : null}
      <Link className="button" to={`/compare?a=${encodeURIComponent(run_id)}`}>
        Compare
      </Link>
      {hasEnded && mayAct(session, "admin") ? (
        <ActionButton
          label="Delete"
          role="admin"
          variant="danger"
          command={curlLine("DELETE", `/runs/${encodeURIComponent(run_id)}`)}
          disabled={isPast}
          confirm={{
            title: "Delete this run?",
            text: "Its events, inputs, outputs and logs go with it, for good. Files that its services have written stay.",
          }}
          act={async () => {
            await api.call("delete", "/api/v1/runs/{run_id}", { path });
            goTo("/runs");
          }}
        />
      ) : null}
    </div>
  );
}

/**
 * Keeps the keyboard's place where the action that was pressed is there no more: it goes on to the first of those there
 * are now.
 * @param standing another one where other actions are shown
 */
function useFocusKept(standing: string): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  const wasWithin = useRef(false);
  useEffect(() => {
    const look = ({ target }: FocusEvent): void => {
      wasWithin.current = target instanceof Node && box.current?.contains(target) === true;
    };
    document.addEventListener("focusin", look);
    return () => document.removeEventListener("focusin", look);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when other actions are shown
  useEffect(() => {
    if (wasWithin.current && document.activeElement === document.body) {
      box.current?.querySelector<HTMLElement>("button, a")?.focus();
    }
  }, [standing]);
  return box;
}
