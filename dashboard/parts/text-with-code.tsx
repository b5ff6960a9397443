import type { ReactNode } from "react";

/** A sentence of ours in which commands and names stand in backquotes: they are shown as code. */
export function TextWithCode({ text }: { readonly text: string }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other name
  return text.split("`").map((piece, index) => (index % 2 === 0 ? piece : <code key={index}>{piece}</code>));
}
