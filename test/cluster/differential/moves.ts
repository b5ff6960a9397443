import type { RequestKind } from "../../../src/engine/requests.ts";
import { BusbarError } from "../../../src/kernel/errors.ts";
import type { Runtime } from "../../../src/ports/runtime.ts";
import type { Stage } from "./stage.ts";
import type { Trial } from "./trial.ts";

/** What is done to a run, or to one of its attempts. */
export type Move =
  | { readonly do: "start" }
  /** `node/attempt` ends as it is to end. */
  | { readonly do: "end"; readonly place: string }
  | { readonly do: RequestKind; readonly key: string }
  | { readonly do: "resume"; readonly isChanged: boolean }
  | { readonly do: "rerun"; readonly of: string; readonly from?: readonly string[]; readonly isChanged: boolean };

/** Where runs are made, and what their attempts call. */
export interface Side {
  readonly runtime: Runtime;
  readonly stage: Stage;
}

/** Does it, and says what came back: a refusal by its code. */
export async function makeMove({ runtime, stage }: Side, trial: Trial, runId: string, move: Move): Promise<string> {
  const preflight = trial.preflight === "none" ? {} : { preflight: { timeoutMs: 1000, waitMs: 0 } };
  const changedIf = (isChanged: boolean) => (isChanged ? { definition: trial.changed.definition } : {});
  try {
    switch (move.do) {
      case "start":
        await runtime.start({ runId, definition: trial.workflow.definition, ...preflight });
        return "started";
      case "end":
        stage.end(runId, move.place);
        return "told";
      case "resume": {
        const { from, reset } = await runtime.resume(runId, { by: "test", ...changedIf(move.isChanged), ...preflight });
        return `${from}, reset ${reset.join(" ")}`;
      }
      case "rerun": {
        const from = move.from === undefined ? {} : { from: move.from };
        const { kept } = await runtime.rerun(move.of, { runId, ...from, ...changedIf(move.isChanged), ...preflight });
        // They are told in the order in which they succeeded.
        return `kept ${kept.toSorted().join(" ")}`;
      }
      default: {
        const answer = await runtime.request({ runId, kind: move.do, key: move.key, by: "test" });
        if (answer.kind === "refused") return answer.error.code;
        return answer.kind === "applied" ? `applied by ${answer.seq}` : answer.kind;
      }
    }
  } catch (thrown) {
    if (thrown instanceof BusbarError) return thrown.code;
    throw thrown;
  }
}
