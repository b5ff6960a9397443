import type { TestContext } from "node:test";

/** Waits until something holds; the test's own time limit bounds it. */
export async function until(test: TestContext, holds: () => boolean): Promise<void> {
  while (!holds()) {
    test.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
