import type { ReactNode } from "react";

const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment, in the reader's words and time zone. @param iso RFC 3339 */
export function Time({ iso }: { readonly iso: string }): ReactNode {
  return (
    <time dateTime={iso} title={iso}>
      {FORMAT.format(new Date(iso))}
    </time>
  );
}
