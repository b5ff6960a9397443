import { type ReactNode, useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";

/** How long the button says that it worked. */
const SAID_MS = 1500;

/** Puts a text into the clipboard. @param what names the text to screen readers: "input" */
export function CopyButton({ text, what }: { readonly text: () => string; readonly what: string }): ReactNode {
  const [said, setSaid] = useState<"copied" | "not copied">();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => setSaid((await copyText(text())) ? "copied" : "not copied");
  return (
    <button type="button" className="button small" aria-label={`copy ${what}`} onClick={copy}>
      <span role="status">{said ?? "copy"}</span>
    </button>
  );
}
