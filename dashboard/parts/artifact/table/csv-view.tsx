import type { ReactNode } from "react";
import { useLoad } from "../../../api/use-load.ts";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import type { ArtifactFacts } from "../artifact-source.ts";
import { formatBytes } from "../format-bytes.ts";
import { openCsvTable } from "./csv-table.ts";
import { DataTable } from "./data-table.tsx";

/** A CSV file as a table. */
export function CsvView({ file, rows }: { readonly file: ArtifactFacts; readonly rows?: number }): ReactNode {
  const { value: table, thrown, reload } = useLoad(file.etag, (signal) => openCsvTable(file, signal));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (table === undefined) return <Skeleton height={314} />;
  return (
    <>
      <DataTable label={`${file.name} as a table`} {...table} {...(rows === undefined ? {} : { rows })} />
      {table.isCut ? (
        <p className="quiet">
          The file has {formatBytes(file.size)}: too many rows to find in it. These are its first{" "}
          {table.source.count.toLocaleString("en")}; download it for all.
        </p>
      ) : null}
    </>
  );
}
