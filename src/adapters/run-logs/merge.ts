import type { LogLine } from "../../ports/run-logs.ts";
import type { AttemptReader } from "./attempt-reader.ts";

/**
 * The lines of all readers as far as they go now: by their times, of the same time in the order of the readers, and
 * those of one reader always in their own order.
 */
export function* mergeLines(readers: readonly AttemptReader[], last: boolean): Generator<LogLine> {
  const heap: Head[] = [];
  for (const [order, reader] of readers.entries()) {
    const line = reader.peek(last);
    if (line !== undefined) insert(heap, { order, reader, line });
  }
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    yield top.line;
    top.reader.skip();
    const line = top.reader.peek(last);
    if (line === undefined) removeTop(heap);
    else {
      top.line = line;
      sink(heap, 0);
    }
  }
}

interface Head {
  readonly order: number;
  readonly reader: AttemptReader;
  line: LogLine;
}

function isBefore(a: Head, b: Head): boolean {
  return a.line.at === b.line.at ? a.order < b.order : a.line.at < b.line.at;
}

/** A binary heap: none is before its parent, at (index - 1) / 2. */
function insert(heap: Head[], head: Head): void {
  let index = heap.push(head) - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(head, parent)) return;
    heap[index] = parent;
    heap[above] = head;
    index = above;
  }
}

function removeTop(heap: Head[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  sink(heap, 0);
}

function sink(heap: Head[], from: number): void {
  let index = from;
  for (;;) {
    const head = heap[index];
    const left = heap[2 * index + 1];
    if (head === undefined || left === undefined) return;
    const right = heap[2 * index + 2];
    const rightFirst = right !== undefined && isBefore(right, left);
    const child = rightFirst ? right : left;
    if (!isBefore(child, head)) return;
    const below = 2 * index + (rightFirst ? 2 : 1);
    heap[index] = child;
    heap[below] = head;
    index = below;
  }
}
