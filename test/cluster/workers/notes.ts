import { readFileSync } from "node:fs";

/** What a worker's process is told. */
export interface WorkerSetup {
  /** 0 takes a free one. */
  readonly port: number;
  readonly notesFile: string;
  /** Stands in the outputs. */
  readonly version: string;
  readonly connectionMs?: number;
}

/** What a worker notes of an attempt. */
export interface WorkerNote {
  readonly what: "begun" | "ended";
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly pid: number;
  /** Of this execution, which its output carries. */
  readonly token: string;
  readonly how?: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** A last line that a kill cut off says nothing. */
export function readNotes(file: string): readonly WorkerNote[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as WorkerNote);
}
