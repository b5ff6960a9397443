import { type ReactNode, useMemo } from "react";
import { useLoad } from "../../../api/use-load.ts";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import type { ArtifactFacts } from "../artifact-source.ts";
import { Chart } from "../chart/chart.tsx";
import { ColumnsGate } from "../columns/columns-gate.tsx";
import type { Columns } from "../columns/open-columns.ts";
import { DataTable } from "../table/data-table.tsx";
import { PAGE_ROWS } from "../table/row-pages.ts";
import type { TableSource } from "../table/table-source.ts";
import { WireView } from "./wire-view.tsx";

interface ReportViewProps {
  readonly file: ArtifactFacts;
  readonly as: "table" | "chart";
  readonly isLarge: boolean;
}

/** The decoded report of the energy pipeline; any other message as the tree of its fields. */
export function ReportView({ file, as, isLarge }: ReportViewProps): ReactNode {
  return (
    <ColumnsGate file={file} format="report" other={<WireView file={file} isLarge={isLarge} />}>
      {(columns) =>
        as === "chart" ? <Chart columns={columns} isLarge={isLarge} /> : <ReportTable {...{ file, columns, isLarge }} />
      }
    </ColumnsGate>
  );
}

interface ReportTableProps {
  readonly file: ArtifactFacts;
  readonly columns: Columns;
  readonly isLarge: boolean;
}

function ReportTable({ file, columns, isLarge }: ReportTableProps): ReactNode {
  const { facts } = columns;
  const source = useMemo<TableSource>(
    () => ({
      columns: facts.columns.map(({ name }) => name),
      count: facts.rows,
      read: (first, last) => columns.ask("rows", { first, last }),
    }),
    [facts, columns],
  );
  const { value: head, thrown } = useLoad(file.etag, () => columns.ask("rows", { first: 1, last: PAGE_ROWS }));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} />;
  if (head === undefined) return <Skeleton height={314} />;
  return (
    <>
      <p className="quiet">
        ProcessedDataReport: {facts.rows.toLocaleString("en")} rows, {(facts.anomalies ?? 0).toLocaleString("en")}{" "}
        anomalies, {(facts.skippedRows ?? 0).toLocaleString("en")} skipped.
      </p>
      <DataTable
        source={source}
        head={head}
        label={`${file.name} as a table`}
        isLarge={isLarge}
        findAnomaly={(after) => columns.ask("anomaly", { after })}
      />
    </>
  );
}
