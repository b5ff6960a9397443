import type { ReactNode } from "react";
import { quoteWord } from "../../../src/kernel/quote-word.ts";
import { api } from "../../api/api.ts";
import { askOfRun } from "../../api/ask-of-run.ts";
import { useNow } from "../../live/use-now.ts";
import { describeAgo } from "../../model/ago.ts";
import { shownStatusOf } from "../../model/shown-status.ts";
import { ActionButton } from "../../parts/action/action-button.tsx";
import { Link } from "../../parts/link.tsx";
import { StatusIcon } from "../../parts/status.tsx";
import { runPath } from "../../router.ts";
import type { Attention } from "./needs-attention.ts";
import { whyLine } from "./why-line.ts";
import "./attention-list.css";

/** What somebody should do something about: a sentence and a button each. */
export function AttentionList({ found }: { readonly found: readonly Attention[] }): ReactNode {
  const now = useNow();
  if (found.length === 0) return null;
  return (
    <section className="attention card" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul>
        {found.map((attention) => (
          <li key={attention.run.run_id}>
            <StatusIcon status={shownStatusOf(attention.run)} />
            <Sentence attention={attention} now={now} />
            <Step attention={attention} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sentence({
  attention: { run, earlier },
  now,
}: {
  readonly attention: Attention;
  readonly now: number;
}): ReactNode {
  const why = whyLine(run);
  const name = <Link to={runPath(run.run_id)}>{run.workflow}</Link>;
  switch (shownStatusOf(run)) {
    case "interrupted":
      return (
        <p>
          {name} was interrupted: {why?.text}
        </p>
      );
    case "paused":
      return <p>{name} is paused: no attempt starts</p>;
    default:
      return (
        <p>
          {name} failed {describeAgo(run.ended_at ?? run.created_at, now)}
          {earlier > 0 ? `, and ${earlier === 1 ? "once" : `${earlier} times`} before` : ""}:{" "}
          {why?.node === undefined ? null : <b>{why.node}</b>}
          {why?.text}
        </p>
      );
  }
}

function Step({ attention: { run, step } }: { readonly attention: Attention }): ReactNode {
  const { run_id } = run;
  return (
    <ActionButton
      label={step === "resume" ? "Resume" : "Unpause"}
      role="operator"
      command={`${step} ${quoteWord(run_id)}`}
      act={async () => {
        if (step === "resume") await api.call("post", "/api/v1/runs/{run_id}/resume", { path: { run_id }, body: {} });
        else await askOfRun(run_id, "unpause");
      }}
    />
  );
}
