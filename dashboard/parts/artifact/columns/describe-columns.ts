import type { ColumnKind } from "../table/column-kinds.ts";
import type { Column, ColumnTable } from "./column-table.ts";
import { isGrowing } from "./draw-points.ts";

/** A column as it is offered to choose from. */
export interface ColumnFacts {
  readonly name: string;
  readonly kind: ColumnKind;
  /** It can be the axis along which the others are drawn. */
  readonly isAxis: boolean;
  readonly categories?: readonly string[];
  /** Of numbers. */
  readonly numbers?: { readonly count: number; readonly least: number; readonly most: number; readonly mean: number };
}

export interface TableFacts {
  readonly rows: number;
  readonly columns: readonly ColumnFacts[];
  /** Undefined where no column says which they are. */
  readonly anomalies: number | undefined;
}

export function describeTable({ rows, columns, anomalies }: ColumnTable): TableFacts {
  return { rows, columns: columns.map(describeColumn), anomalies: anomalies?.length };
}

function describeColumn({ name, kind, values, categories }: Column): ColumnFacts {
  const isAxis = (kind === "time" || kind === "number") && isGrowing(values);
  if (categories !== undefined) return { name, kind, isAxis, categories };
  return kind === "number" ? { name, kind, isAxis, numbers: measure(values) } : { name, kind, isAxis };
}

function measure(values: Float64Array): NonNullable<ColumnFacts["numbers"]> {
  let [count, sum, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { count, least, most, mean: sum / count };
}
