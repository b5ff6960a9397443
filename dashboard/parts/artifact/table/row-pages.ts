import type { Row } from "./csv-reader.ts";
import type { TableSource } from "./table-source.ts";

/** Rows that are asked for at once. */
export const PAGE_ROWS = 200;
/** Pages that are kept: some screens around where the reader is. */
const KEPT_PAGES = 20;

/** The rows of a table that are at hand. */
export interface RowPages {
  /** Undefined while it is not at hand. @param number from 1 */
  row(number: number): Row | undefined;
  /** Has these rows come, and lets go of what is on its way for others. */
  want(first: number, last: number): void;
  close(): void;
}

interface Told {
  /** Rows have come. */
  readonly come: () => void;
  readonly failed: (thrown: unknown) => void;
}

/** Reads a table page by page, and keeps the pages that were wanted last. */
export function createRowPages(source: Pick<TableSource, "read" | "count">, told: Told): RowPages {
  /** By number from 0; the one that was wanted last stands last. */
  const pages = new Map<number, readonly Row[]>();
  const asked = new Map<number, AbortController>();

  async function ask(page: number): Promise<void> {
    const gone = new AbortController();
    asked.set(page, gone);
    const first = page * PAGE_ROWS + 1;
    try {
      const rows = await source.read(first, Math.min(first + PAGE_ROWS - 1, source.count), gone.signal);
      if (gone.signal.aborted) return;
      pages.set(page, rows);
      for (const oldest of pages.keys()) {
        if (pages.size <= KEPT_PAGES) break;
        pages.delete(oldest);
      }
      told.come();
    } catch (thrown) {
      if (!gone.signal.aborted) told.failed(thrown);
    } finally {
      if (asked.get(page) === gone) asked.delete(page);
    }
  }

  return {
    row: (number) => pages.get(pageOf(number))?.[(number - 1) % PAGE_ROWS],
    want(first, last) {
      const [from, to] = [pageOf(first), pageOf(Math.max(first, Math.min(last, source.count)))];
      for (const [page, gone] of asked) {
        if (page >= from && page <= to) continue;
        gone.abort();
        asked.delete(page);
      }
      for (let page = from; page <= to; page += 1) {
        const rows = pages.get(page);
        if (rows === undefined) {
          if (!asked.has(page)) void ask(page);
          continue;
        }
        pages.delete(page);
        pages.set(page, rows);
      }
    },
    close() {
      for (const gone of asked.values()) gone.abort();
      asked.clear();
    },
  };
}

const pageOf = (number: number): number => Math.floor((number - 1) / PAGE_ROWS);
