import { type ReactNode, useState } from "react";
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

/** More would push the list out of sight. */
const FIRST = 5;

/** What somebody should do something about: a sentence and a button each. */
export function AttentionList({ found }: { readonly found: readonly Attention[] }): ReactNode {
  const now = useNow();
  const [isWhole, setWhole] = useState(false);
  if (found.length === 0) return null;
  const shown = isWhole ? found : found.slice(0, FIRST);
  return (
    <section className="attention card" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul>
        {shown.map((attention) => (
          <li key={attention.run.run_id}>
            <StatusIcon status={shownStatusOf(attention.run)} />
            <Sentence attention={attention} now={now} />
            <Step attention={attention} />
          </li>
        ))}
      </ul>
      {shown.length === found.length ? null : (
        <button type="button" className="button small attention-more" onClick={() => setWhole(true)}>
          Show all {found.length}
        </button>
      )}
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
