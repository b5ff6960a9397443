import { type ReactNode, useEffect, useRef } from "react";
import { useLoad } from "../../../api/use-load.ts";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import type { ArtifactFacts } from "../artifact-source.ts";
import { type Columns, openColumns } from "../columns/open-columns.ts";
import { formatBytes } from "../format-bytes.ts";
import { openCsvTable } from "./csv-table.ts";
import { DataTable } from "./data-table.tsx";

/** A CSV file as a table. */
export function CsvView({ file, isLarge }: { readonly file: ArtifactFacts; readonly isLarge: boolean }): ReactNode {
  const { value: table, thrown, reload } = useLoad(file.etag, (signal) => openCsvTable(file, signal));
  const findAnomaly = useAnomalies(file);
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (table === undefined) return <Skeleton height={314} />;
  return (
    <>
      <DataTable
        label={`${file.name} as a table`}
        source={table.source}
        head={table.head}
        isLarge={isLarge}
        findAnomaly={findAnomaly}
      />
      {table.isCut ? (
        <p className="quiet">
          The file has {formatBytes(file.size)}: too many rows to find in it. These are its first{" "}
          {table.source.count.toLocaleString("en")}; download it for all.
        </p>
      ) : null}
    </>
  );
}

/** The file is read whole by those who ask for an anomaly, and only then. */
function useAnomalies(file: ArtifactFacts): (after: number) => Promise<number | undefined> {
  const opened = useRef<Promise<Columns | undefined>>(undefined);
  const gone = useRef(new AbortController());
  useEffect(() => {
    gone.current = new AbortController();
    return () => {
      gone.current.abort();
      opened.current = undefined;
    };
  }, []);
  return async (after) => {
    opened.current ??= openColumns(file, "csv", () => {}, gone.current.signal);
    return (await opened.current)?.ask("anomaly", { after });
  };
}
