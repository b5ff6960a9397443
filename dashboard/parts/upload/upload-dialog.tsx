import { type FormEvent, type ReactNode, useId, useState } from "react";
import { api } from "../../api/api.ts";
import { isApiError } from "../../api/client.ts";
import { diagnosticsOf, formatOf, uploadCommand } from "../../model/upload.ts";
import { Command } from "../command/command.tsx";
import { Dialog } from "../dialog/dialog.tsx";
import { ProblemNote } from "../problem.tsx";
import "./upload.css";

/** What is stored under the name now. */
export interface Replaced {
  readonly name: string;
  /** Undefined: no version yet. */
  readonly hash: string | undefined;
}

export interface UploadDialogProps {
  readonly title: string;
  /** Left out: a workflow that must not be there yet. */
  readonly replaced: Replaced | undefined;
  readonly onClose: () => void;
  readonly onStored: (name: string) => void;
}

/** Stores a workflow: a file, or what is typed. What is wrong with it is told, and nothing is stored then. */
export function UploadDialog({ title, replaced, onClose, onStored }: UploadDialogProps): ReactNode {
  const [fileName, setFileName] = useState<string>();
  const [text, setText] = useState("");
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly thrown?: unknown }>({ isBusy: false });
  const id = useId();
  const format = formatOf(fileName, text);

  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setFileName(file.name);
    setText(await file.text());
    setState({ isBusy: false });
  };

  const store = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (state.isBusy || text.trim() === "") return;
    setState({ isBusy: true });
    // What somebody else has stored meanwhile is not overwritten unseen.
    const body = { format, text, replaces: replaced?.hash ?? null };
    try {
      const { workflow } =
        replaced === undefined
          ? await api.call("post", "/api/v1/workflows", { body })
          : await api.call("put", "/api/v1/workflows/{name}", { path: { name: replaced.name }, body });
      onStored(workflow.name);
    } catch (thrown) {
      setState({ isBusy: false, thrown });
    }
  };

  return (
    <Dialog title={title} onClose={onClose}>
      <form className="upload" onSubmit={store}>
        <label htmlFor={`${id}-file`}>A file</label>
        <input
          id={`${id}-file`}
          type="file"
          accept=".json,.yaml,.yml"
          onChange={({ target }) => void read(target.files?.[0])}
        />
        <label htmlFor={`${id}-text`}>
          or its text <small className="quiet">read as {format === "json" ? "JSON" : "YAML"}</small>
        </label>
        <textarea
          id={`${id}-text`}
          rows={12}
          spellCheck={false}
          wrap="off"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setState({ isBusy: state.isBusy });
          }}
        />
        {state.thrown === undefined ? null : <Refusal thrown={state.thrown} />}
        <p className="quiet">The same as a command:</p>
        <Command words={uploadCommand(fileName, format, replaced?.name, location.origin)} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button
            type="submit"
            className="button primary action-button"
            disabled={text.trim() === ""}
            aria-busy={state.isBusy || undefined}
          >
            {replaced === undefined ? "Store" : "Replace"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Why it was not stored: all that is wrong with the text, or else the problem. */
function Refusal({ thrown }: { readonly thrown: unknown }): ReactNode {
  const diagnostics = isApiError(thrown) ? diagnosticsOf(thrown.problem) : [];
  if (diagnostics.length === 0) return <ProblemNote thrown={thrown} />;
  return (
    <div className="problem-note upload-diagnostics" role="alert">
      <p>
        <b>It is not stored:</b>
      </p>
      <ul>
        {diagnostics.map(({ line, column, message, suggestion, remedy, code }) => (
          <li key={`${line}:${column} ${code}`}>
            <span className="mono">
              {line}:{column}
            </span>{" "}
            {message}. {suggestion === undefined ? remedy : `Did you mean “${suggestion}”?`}{" "}
            <span className="mono quiet">{code}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
