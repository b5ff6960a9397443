import type { ReactNode } from "react";
import { isApiError } from "../api/client.ts";
import "./problem.css";

/** What went wrong with a request, and what to do. */
export function ProblemNote({ thrown, retry }: { readonly thrown: unknown; readonly retry?: () => void }): ReactNode {
  const told = isApiError(thrown)
    ? thrown.problem
    : { code: "NO_ANSWER", detail: "the server does not answer", remedy: "Look whether `busbar serve` is running." };
  return (
    <div className="problem-note" role="alert">
      <p>
        <b>{told.detail}</b>
      </p>
      <p>
        {told.remedy} <code>{told.code}</code>{" "}
        {retry === undefined ? null : (
          <button type="button" className="button small" onClick={retry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}
