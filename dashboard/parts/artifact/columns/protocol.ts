// What the page and the program beside it that holds a file's columns say to each other.
import type { Problem } from "../../../api/client.ts";
import type { Row } from "../table/csv-reader.ts";
import type { TableFacts } from "./describe-columns.ts";
import type { DrawnPoints, DrawRequest } from "./draw-points.ts";

/** `report`: a ProcessedDataReport of proto/energy_pipeline.proto. */
export type TableFormat = "csv" | "report";

/** What an opened file is. */
export interface OpenedFacts extends TableFacts {
  /** So much of it was read; it is cut where that is not all. */
  readonly bytes: number;
  readonly isCut: boolean;
  /** Of a report: how many rows of its input were left out. */
  readonly skippedRows?: number;
}

/** Rows of one category alone. */
export interface OneCategory {
  readonly column: string;
  readonly category: string;
}

/** What is asked of an opened file, and what is answered. */
export interface Questions {
  readonly draw: { readonly ask: DrawRequest & { readonly only?: OneCategory }; readonly answer: DrawnPoints };
  /** Rows of a report, from 1, both ends included. */
  readonly rows: { readonly ask: { readonly first: number; readonly last: number }; readonly answer: readonly Row[] };
  /** The row of the first anomaly after one, from 1; the first of all where there is none after it. */
  readonly anomaly: { readonly ask: { readonly after: number }; readonly answer: number | undefined };
}

export type Asked = {
  readonly [T in keyof Questions]: { readonly type: T; readonly id: number; readonly ask: Questions[T]["ask"] };
}[keyof Questions];

export type ToWorker =
  | { readonly type: "open"; readonly url: string; readonly size: number; readonly format: TableFormat }
  | Asked;

export type FromWorker =
  | { readonly type: "progress"; readonly bytes: number }
  | { readonly type: "opened"; readonly facts: OpenedFacts }
  /** It is a file of some other kind. */
  | { readonly type: "other" }
  | { readonly type: "failed"; readonly message: string; readonly problem?: Problem }
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown };
