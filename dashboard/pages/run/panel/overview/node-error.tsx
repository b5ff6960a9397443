import type { ReactNode } from "react";
import { type ErrorInfo, remedyOf } from "../../../../../src/kernel/errors.ts";
import { TextWithCode } from "../../../../parts/text-with-code.tsx";

interface NodeErrorProps {
  readonly error: ErrorInfo;
  readonly runId: string;
  readonly nodeId: string;
}

/** What went wrong with a node, and what to do. */
export function NodeError({ error, runId, nodeId }: NodeErrorProps): ReactNode {
  const remedy = remedyOf(error, { runId, nodeId });
  return (
    <div className="panel-error">
      <b>{error.code}</b>
      <p className="mono">{error.message}</p>
      {remedy === "" || error.message.includes(remedy) ? null : (
        <p>
          <TextWithCode text={remedy} />
        </p>
      )}
    </div>
  );
}
