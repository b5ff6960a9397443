import type { ReactNode } from "react";
import type { ArtifactFacts } from "../artifact-source.ts";
import { ColumnsGate } from "../columns/columns-gate.tsx";
import { Chart } from "./chart.tsx";

/** A CSV file as a chart: for that it is read whole. */
export function ChartView({ file, isLarge }: { readonly file: ArtifactFacts; readonly isLarge: boolean }): ReactNode {
  return (
    <ColumnsGate file={file} format="csv">
      {(columns) => <Chart columns={columns} isLarge={isLarge} />}
    </ColumnsGate>
  );
}
