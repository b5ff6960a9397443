import type { ReactNode } from "react";
import { commandLine } from "./command-line.ts";
import { CopyButton } from "./copy-button.tsx";
import "./command.css";

/** The command to type, with a button that copies it. @param words without `busbar` and the server: `resume r1` */
export function Command({ words }: { readonly words: string }): ReactNode {
  const line = commandLine(words);
  return (
    <span className="command">
      <code className="command-line">{line}</code>
      <CopyButton text={line} what="the command" />
    </span>
  );
}
