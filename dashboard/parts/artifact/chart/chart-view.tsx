import type { ReactNode } from "react";
import type { ArtifactFacts } from "../artifact-source.ts";
import { ColumnsGate } from "../columns/columns-gate.tsx";
import { Chart } from "./chart.tsx";

/** A CSV file as a chart: for that it is read whole. */
export function ChartView({ file }: { readonly file: ArtifactFacts }): ReactNode {
  return (
    <ColumnsGate file={file} format="csv">
      {(columns) => <Chart columns={columns} />}
    </ColumnsGate>
  );
}
