import { type FormEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { api } from "../../../api/api.ts";
import { isApiError } from "../../../api/client.ts";
import { mayAct, useSession } from "../../../api/session.ts";
import type { WorkflowView } from "../../../api/shapes.ts";
import { type FieldErrors, fieldsOf, readFields, type Typed } from "../../../model/params-form.ts";
import { fieldErrorsOf, NOTHING_TYPED, readOptions, startWords } from "../../../model/start-form.ts";
import { Command } from "../../../parts/command/command.tsx";
import { curlLine } from "../../../parts/command/command-line.ts";
import { ProblemNote } from "../../../parts/problem.tsx";
import { goTo, runPath } from "../../../router.ts";
import { Field } from "./field.tsx";
import { ParamField } from "./param-field.tsx";
import { START_ID } from "./start-id.ts";
import { createStartKeys } from "./start-keys.ts";
import "./start-form.css";

/** What a start has come to. */
interface Attempt {
  readonly isBusy: boolean;
  /** Whether the fields are held against their types as they are typed: once somebody has tried. */
  readonly isChecked: boolean;
  readonly thrown?: unknown;
}

/**
 * Starts a run of a workflow, with a field for each of its params, and goes to its page.
 * @param version a version other than the file as it stands
 */
export function StartForm({
  workflow,
  version,
}: {
  readonly workflow: WorkflowView;
  readonly version?: string;
}): ReactNode {
  const fields = useMemo(() => fieldsOf(workflow.params), [workflow.params]);
  const [typed, setTyped] = useState<Typed>({});
  const [texts, setTexts] = useState(NOTHING_TYPED);
  const [attempt, setAttempt] = useState<Attempt>({ isBusy: false, isChecked: false });
  const session = useSession();
  const isRefused = session !== undefined && !mayAct(session, "operator");
  const refusalId = useId();
  const [keys] = useState(createStartKeys);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (location.hash === `#${START_ID}`) form.current?.querySelector<HTMLElement>("input, select, button")?.focus();
  }, []);

  const params = readFields(fields, typed);
  const options = readOptions(texts);
  const refused = isApiError(attempt.thrown) ? fieldErrorsOf(attempt.thrown.problem) : { params: {}, options: {} };
  const told = {
    params: attempt.isChecked ? { ...refused.params, ...params.errors } : {},
    options: attempt.isChecked ? { ...refused.options, ...options.errors } : {},
  };

  const body = {
    workflow: workflow.name,
    ...(version === undefined ? {} : { definition_hash: version }),
    params: params.values,
    ...options.options,
  };
  // A command starts the file as it stands.
  const words =
    version === undefined ? startWords(workflow.name, params.values, options.options) : curlLine("POST", "/runs", body);

  const start = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (attempt.isBusy || isRefused) return;
    if (count(params.errors) + count(options.errors) > 0) {
      setAttempt({ isBusy: false, isChecked: true });
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
      return;
    }
    setAttempt({ isBusy: true, isChecked: true });
    try {
      const asked = { body, idempotencyKey: keys.keyOf(body) };
      const { run_id: runId } = await api.call("post", "/api/v1/runs", asked);
      setAttempt({ isBusy: false, isChecked: false });
      goTo(runPath(runId));
    } catch (thrown) {
      setAttempt({ isBusy: false, isChecked: true, thrown });
    }
  };

  const type = (change: () => void): void => {
    // What the server said was said of what stood there before.
    if (attempt.thrown !== undefined) setAttempt({ isBusy: false, isChecked: true });
    change();
  };

  return (
    <form ref={form} className="start-form" noValidate onSubmit={start} aria-label={`Start ${workflow.name}`}>
      {fields.length === 0 ? <p className="quiet">It has no params.</p> : null}
      {fields.map((param) => (
        <ParamField
          key={param.name}
          param={param}
          typed={typed}
          {...errorOf(told.params, param.name)}
          onType={(text) => type(() => setTyped({ ...typed, [param.name]: text }))}
        />
      ))}
      <details className="start-more" open={count(told.options) > 0 || undefined}>
        <summary>Run id and priority</summary>
        <div className="start-more-fields">
          <Field
            label="Run id"
            hint="may be left out"
            description="Names the run yourself; one that exists is refused."
            {...errorOf(told.options, "run_id")}
            control={(tied) => (
              <input
                {...tied}
                name="run_id"
                autoComplete="off"
                spellCheck={false}
                value={texts.runId}
                onChange={({ target }) => type(() => setTexts({ ...texts, runId: target.value }))}
              />
            )}
          />
          <Field
            label="Priority"
            hint="-100 to 100, else 0"
            description="Of the runs that wait for their turn the higher goes first."
            {...errorOf(told.options, "priority")}
            control={(tied) => (
              <input
                {...tied}
                name="priority"
                inputMode="numeric"
                autoComplete="off"
                value={texts.priority}
                onChange={({ target }) => type(() => setTexts({ ...texts, priority: target.value }))}
              />
            )}
          />
        </div>
      </details>
      {attempt.thrown === undefined ? null : <ProblemNote thrown={attempt.thrown} />}
      <button
        type="submit"
        className="button primary action-button"
        aria-busy={attempt.isBusy || undefined}
        aria-disabled={isRefused || undefined}
        aria-describedby={isRefused ? refusalId : undefined}
      >
        Start run
      </button>
      {isRefused ? (
        <p id={refusalId} className="quiet">
          Starting needs the role operator; yours is {session.role}.
        </p>
      ) : null}
      <div className="start-command">
        <span className="quiet">The same as a command</span>
        <Command words={words} />
      </div>
    </form>
  );
}

function errorOf(errors: FieldErrors, name: string): { readonly error?: string } {
  const error = Object.hasOwn(errors, name) ? errors[name] : undefined;
  return error === undefined ? {} : { error };
}

function count(errors: FieldErrors): number {
  return Object.keys(errors).length;
}
