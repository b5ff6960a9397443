import type { ReactNode } from "react";
import type { Diagnostic, WorkflowView } from "../../../api/shapes.ts";
import { StatusIcon } from "../../../parts/status.tsx";
import { lineId } from "./line-id.ts";
import "./diagnostics.css";

/** All that is wrong with the file, each with what to do and a link to its line. */
export function Diagnostics({ workflow }: { readonly workflow: WorkflowView }): ReactNode {
  const { diagnostics, valid } = workflow;
  if (diagnostics.length === 0) return null;
  const what = valid ? "warning" : "mistake";
  const title = `${diagnostics.length} ${diagnostics.length === 1 ? what : `${what}s`} in ${workflow.file}`;
  return (
    <section className={valid ? "diagnostics" : "diagnostics diagnostics-broken"} aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {diagnostics.map((one) => (
          <DiagnosticItem key={`${one.line}:${one.column} ${one.code}`} diagnostic={one} />
        ))}
      </ul>
    </section>
  );
}

function DiagnosticItem({ diagnostic }: { readonly diagnostic: Diagnostic }): ReactNode {
  const { severity, line, column, message, suggestion, remedy, code } = diagnostic;
  return (
    <li>
      <StatusIcon status={severity === "warning" ? "interrupted" : "failed"} />
      <span>
        <a href={`#${lineId(line)}`} className="mono">
          {line}:{column}
        </a>{" "}
        <b>{message}.</b> {suggestion === undefined ? "" : `Did you mean “${suggestion}”? `}
        {remedy} <span className="mono quiet">{code}</span>
      </span>
    </li>
  );
}
