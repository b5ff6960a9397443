import { crc32 } from "./crc32.ts";

/** Where the chain of a run's events begins: at its own id, so that no event can pass as another run's. */
export function chainStart(runId: string): number {
  return crc32(runId);
}

/** The checksum of an event: over the previous one's and its own text. */
export function chain(previous: number, body: string): number {
  return crc32(body, previous);
}

/** The checksum of any other row, over all its values. */
export function rowCrc(values: readonly unknown[]): number {
  return crc32(JSON.stringify(values));
}

/** Like rowCrc, for a row with one long text that need not be copied. */
export function rowCrcWithText(values: readonly unknown[], text: string): number {
  return crc32(text, rowCrc(values));
}
