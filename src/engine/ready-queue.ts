/** Positions of nodes that may start, smallest (first in the file) first: a binary heap, each position at most once. */
export interface ReadyQueue {
  push(position: number): void;
  pop(): number | undefined;
}

export function createReadyQueue(): ReadyQueue {
  const heap: number[] = [];
  const queued = new Set<number>();
  const at = (index: number): number => heap[index] ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number): void => {
    const kept = at(a);
    heap[a] = at(b);
    heap[b] = kept;
  };
  return {
    push(position) {
      if (queued.has(position)) return;
      queued.add(position);
      heap.push(position);
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= at(index)) break;
        swap(parent, index);
        index = parent;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (top === undefined || last === undefined) return undefined;
      queued.delete(top);
      if (heap.length === 0) return top;
      heap[0] = last;
      for (let index = 0; ; ) {
        const left = 2 * index + 1;
        const smaller = at(left + 1) < at(left) ? left + 1 : left;
        if (at(index) <= at(smaller)) break;
        swap(index, smaller);
        index = smaller;
      }
      return top;
    },
  };
}
