import type { ReactNode } from "react";
import type { WorkflowView } from "../../../api/shapes.ts";
import { CopyButton } from "../../../parts/command/copy-button.tsx";
import { SourceText } from "./source-text.tsx";
import "./source.css";

/** The file as it is stored, with what is wrong with it where it is wrong. */
export function SourceCard({ workflow }: { readonly workflow: WorkflowView }): ReactNode {
  const { definition_text: text, definition_format: format, diagnostics, file } = workflow;
  return (
    <section className="card" aria-labelledby="source-title">
      <div className="row workflow-card-head">
        <h2 id="source-title">Source</h2>
        <span className="quiet">
          {format === "json" ? "JSON" : "YAML"}
          {text === undefined ? "" : `, ${countLines(text)}`}
        </span>
        <span className="grow" />
        {text === undefined ? null : <CopyButton text={text} what={file} />}
      </div>
      {text === undefined ? (
        <p className="workflow-card-note">
          The text is not shown: it is so broken that nobody can say which of its parts are secret.
        </p>
      ) : (
        <SourceText text={text} format={format} diagnostics={diagnostics} />
      )}
    </section>
  );
}

function countLines(text: string): string {
  const lines = text.replace(/\r?\n$/, "").split("\n").length;
  return lines === 1 ? "1 line" : `${lines.toLocaleString("en")} lines`;
}
