import { type ReactNode, useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";

const SAYS = { ready: "copy", done: "copied", failed: "not copied" } as const;
/** So long it is said how it went. */
const SAID_MS = 2_000;

/** Copies a text. @param what is copied, for who does not see it: `the command` */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  const [state, setState] = useState<keyof typeof SAYS>("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), SAID_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <button
      type="button"
      className="button small copy-button"
      onClick={async () => setState((await copyText(text)) ? "done" : "failed")}
    >
      <span aria-live="polite">{SAYS[state]}</span>
      <span className="unseen"> {what}</span>
    </button>
  );
}
