import type { ReactNode } from "react";
import { isApiError } from "../../../api/client.ts";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import type { ArtifactFacts } from "../artifact-source.ts";
import { formatBytes } from "../format-bytes.ts";
import type { Columns } from "./open-columns.ts";
import type { TableFormat } from "./protocol.ts";
import { useColumns } from "./use-columns.ts";

interface ColumnsGateProps {
  readonly file: ArtifactFacts;
  readonly format: TableFormat;
  readonly children: (columns: Columns) => ReactNode;
  /** Shown where the file is of another kind. */
  readonly other?: ReactNode;
}

/** Reads a file, says how far it is, and shows what is made of its columns. */
export function ColumnsGate({ file, format, children, other }: ColumnsGateProps): ReactNode {
  const state = useColumns(file, format);
  switch (state.is) {
    case "other":
      return other;
    case "failed":
      return isApiError(state.thrown) ? (
        <ProblemNote thrown={state.thrown} />
      ) : (
        <p className="artifact-changed" role="alert">
          {file.name} cannot be read as a table: {String((state.thrown as Error).message)}. Download it instead.
        </p>
      );
    case "reading":
      return (
        <div role="status">
          <p className="quiet">
            Reading {formatBytes(state.bytes)} of {formatBytes(file.size)} …
          </p>
          <Skeleton height={290} />
        </div>
      );
    case "open": {
      const { facts } = state.columns;
      return (
        <>
          {children(state.columns)}
          {facts.isCut ? (
            <p className="quiet">
              Of the first {formatBytes(facts.bytes)} of {formatBytes(file.size)}: {facts.rows.toLocaleString("en")}{" "}
              rows. Download it for all.
            </p>
          ) : null}
        </>
      );
    }
  }
}
