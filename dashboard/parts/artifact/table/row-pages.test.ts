import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRowPages, PAGE_ROWS } from "./row-pages.ts";

interface Asked {
  readonly first: number;
  readonly last: number;
  readonly signal: AbortSignal;
  readonly answer: () => void;
}

function tableOf(count: number) {
  const asked: Asked[] = [];
  let come = 0;
  const failed: unknown[] = [];
  const source = {
    count,
    read: (first: number, last: number, signal: AbortSignal) =>
      new Promise<string[][]>((resolve) => {
        const rows = Array.from({ length: last - first + 1 }, (_, index) => [String(first + index)]);
        asked.push({ first, last, signal, answer: () => resolve(rows) });
      }),
  };
  const pages = createRowPages(source, { come: () => (come += 1), failed: (thrown) => failed.push(thrown) });
  return { asked, pages, failed, come: () => come };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the rows of a table that are at hand", () => {
  it("are asked for once, page by page, up to the last row", async () => {
    const { asked, pages, come } = tableOf(PAGE_ROWS * 2 + 5);
    pages.want(PAGE_ROWS, PAGE_ROWS + 1);
    pages.want(PAGE_ROWS, PAGE_ROWS + 1);
    assert.deepEqual(
      asked.map(({ first, last }) => [first, last]),
      [
        [1, PAGE_ROWS],
        [PAGE_ROWS + 1, PAGE_ROWS * 2],
      ],
    );
    asked[1]?.answer();
    await settle();
    assert.equal(come(), 1);
    assert.deepEqual(pages.row(PAGE_ROWS + 3), [String(PAGE_ROWS + 3)]);
    assert.equal(pages.row(1), undefined);
    pages.want(PAGE_ROWS * 2 + 1, PAGE_ROWS * 2 + 50);
    assert.deepEqual([asked[2]?.first, asked[2]?.last], [PAGE_ROWS * 2 + 1, PAGE_ROWS * 2 + 5]);
  });

  it("let go of what nobody looks at any more", async () => {
    const { asked, pages, come } = tableOf(1_000_000);
    pages.want(1, 20);
    pages.want(500_000, 500_020);
    assert.equal(asked[0]?.signal.aborted, true);
    asked[0]?.answer();
    await settle();
    assert.equal(come(), 0);
    pages.close();
    assert.ok(asked.every(({ signal }) => signal.aborted));
  });

  it("are few, however far one scrolls, and those that were wanted last", async () => {
    const { asked, pages } = tableOf(1_000_000);
    for (let page = 0; page < 50; page += 1) {
      pages.want(page * PAGE_ROWS + 1, page * PAGE_ROWS + 10);
      asked.at(-1)?.answer();
      await settle();
    }
    const held = Array.from({ length: 50 }, (_, page) => pages.row(page * PAGE_ROWS + 1) !== undefined);
    assert.equal(held.filter(Boolean).length, 20);
    assert.ok(held.slice(30).every(Boolean));
  });

  it("tell what failed, and are asked for again when they are wanted again", async () => {
    const failed: unknown[] = [];
    let times = 0;
    const read = async (): Promise<never> => {
      times += 1;
      throw new Error("gone");
    };
    const pages = createRowPages({ count: 10, read }, { come() {}, failed: (thrown) => failed.push(thrown) });
    pages.want(1, 10);
    await settle();
    assert.match(String(failed[0]), /gone/);
    pages.want(1, 10);
    assert.equal(times, 2);
  });
});
