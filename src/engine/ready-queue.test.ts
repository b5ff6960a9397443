import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createReadyQueue } from "./ready-queue.ts";

describe("ready queue", () => {
  it("gives positions in file order, each once, whatever the order of pushes and pops", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(200), fc.constant("pop" as const)), { maxLength: 400 }), (steps) => {
        const queue = createReadyQueue();
        const model = new Set<number>();
        for (const step of steps) {
          if (step === "pop") {
            const least = model.size === 0 ? undefined : Math.min(...model);
            assert.equal(queue.pop(), least);
            if (least !== undefined) model.delete(least);
          } else {
            queue.push(step);
            model.add(step);
          }
        }
        for (const rest of [...model].sort((a, b) => a - b)) assert.equal(queue.pop(), rest);
        assert.equal(queue.pop(), undefined);
      }),
    );
  });
});
