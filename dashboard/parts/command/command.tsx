import type { ReactNode } from "react";
import { commandLine } from "./command-line.ts";
import { CopyButton } from "./copy-button.tsx";
import "./command.css";

/** The command to type, with a button that copies it. @param words without `busbar` and the server: `resume r1` */
export function Command({ words }: { readonly words: string }): ReactNode {
  const line = commandLine(words);
  return (
    <span className="command">
      <code className="command-line">
        {line.split(" ").map((word, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: words of a line have no other name
          <Word key={index} word={word} isFirst={index === 0} />
        ))}
      </code>
      <CopyButton text={line} what="the command" />
    </span>
  );
}

/** Browsers would break a line after the hyphens of `--server`. */
function Word({ word, isFirst }: { readonly word: string; readonly isFirst: boolean }): ReactNode {
  return (
    <>
      {isFirst ? "" : " "}
      <span className="command-word">{word}</span>
    </>
  );
}
