import { useEffect, useState } from "react";
import type { ArtifactFacts } from "../artifact-source.ts";
import { type Columns, openColumns } from "./open-columns.ts";
import type { TableFormat } from "./protocol.ts";

/** How far the reading of a file is. */
export type ColumnsState =
  | { readonly is: "reading"; readonly bytes: number }
  | { readonly is: "open"; readonly columns: Columns }
  | { readonly is: "other" }
  | { readonly is: "failed"; readonly thrown: unknown };

/** Opens a file's columns, for as long as somebody looks at them. */
export function useColumns(file: ArtifactFacts, format: TableFormat): ColumnsState {
  const [state, setState] = useState<ColumnsState>({ is: "reading", bytes: 0 });
  useEffect(() => {
    const gone = new AbortController();
    const set = (state: ColumnsState): void => {
      if (!gone.signal.aborted) setState(state);
    };
    set({ is: "reading", bytes: 0 });
    openColumns(file, format, (bytes) => set({ is: "reading", bytes }), gone.signal).then(
      (columns) => set(columns === undefined ? { is: "other" } : { is: "open", columns }),
      (thrown: unknown) => set({ is: "failed", thrown }),
    );
    return () => gone.abort();
  }, [file, format]);
  return state;
}
