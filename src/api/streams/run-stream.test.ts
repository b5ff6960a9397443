import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunEvent } from "../../engine/events.ts";
import type { RunReader } from "../../ports/runtime.ts";
import { until } from "../../testing/until.ts";
import { createRunStreams } from "./run-stream.ts";

/** One run, as far as its streams look at it: a watch ends where nobody drives it and nothing is left to give. */
class Run {
  status = "running";
  isDriven = true;
  isWaiting = false;
  /** Events of some size, so that a few are more than one piece. */
  #events: RunEvent[] = [];
  #wake = Promise.withResolvers<void>();

  append(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const seq = this.#events.length + 1;
      this.#events.push({ run_id: "r", seq, filling: "x".repeat(20_000) } as unknown as RunEvent);
    }
    this.changed();
  }

  changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  follow(
    after: number,
    got: (numbers: readonly number[]) => Promise<void> | void,
    signal = new AbortController().signal,
  ) {
    return this.#follow(this.#streams.read("r", after, signal), got);
  }

  /** @returns what the stream ended with */
  async #follow(stream: AsyncIterable<Buffer>, got: (numbers: readonly number[]) => Promise<void> | void) {
    let end: string | undefined;
    for await (const piece of stream) {
      const text = piece.toString();
      end = /event: end\ndata: .*"status":"(\w+)"/.exec(text)?.[1] ?? end;
      await got([...text.matchAll(/^id: r:(\d+)$/gm)].map(([, seq]) => Number(seq)));
    }
    return end;
  }

  readonly #streams = createRunStreams(
    {
      events: async (_, after = 0, limit) => this.#events.filter(({ seq }) => seq > after).slice(0, limit),
      get: async () =>
        ({
          status: this.status,
          last_seq: this.#events.length,
          owner: { alive: this.isDriven },
          explanation: { reason: { kind: "under_way" } },
        }) as unknown as ReturnType<RunReader["get"]>,
      watch: (_, options) => this.#watch(options?.afterSeq ?? 0, options?.signal),
    },
    () => this.isWaiting,
  );

  async *#watch(afterSeq: number, signal: AbortSignal | undefined): AsyncGenerator<RunEvent> {
    for (let given = afterSeq; signal?.aborted !== true; ) {
      for (const event of this.#events.slice(given)) yield event;
      given = Math.max(given, this.#events.length);
      if (!this.isDriven) return;
      await this.#wake.promise;
    }
  }
}

describe("the streams of one run", () => {
  it("go on for all of its readers where it is taken up while they look", async () => {
    const run = new Run();
    run.append(2);
    Object.assign(run, { isDriven: false, isWaiting: true });
    const seen: number[][] = [[], [], []];
    const ends = seen.map((numbers) => run.follow(0, (more) => void numbers.push(...more)));
    await until(() => seen.every(({ length }) => length === 2));
    await new Promise((resolve) => setTimeout(resolve, 250));
    Object.assign(run, { isDriven: true, isWaiting: false });
    await new Promise((resolve) => setTimeout(resolve, 250));
    run.append(1);
    await until(() => seen.every(({ length }) => length === 3));
    Object.assign(run, { isDriven: false, status: "succeeded" });
    run.changed();
    assert.deepEqual(await Promise.all(ends), ["succeeded", "succeeded", "succeeded"]);
    assert.deepEqual(seen, [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it("tell whoever comes to a run that was resumed of it, though a slow reader has not read its first end", async () => {
    const run = new Run();
    run.append(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: number[] = [];
    const slowEnd = run.follow(0, (more) => {
      slow.push(...more);
      return slow.length > 1 ? promise : undefined;
    });
    await until(() => slow.length === 1);
    await new Promise((settled) => setTimeout(settled, 20));
    run.append(3);
    await until(() => slow.length === 2);
    Object.assign(run, { isDriven: false, status: "failed" });
    run.changed();
    assert.equal(await run.follow(0, () => undefined), "failed");
    Object.assign(run, { isDriven: true, status: "running" });
    const late: number[] = [];
    const lateEnd = run.follow(0, (more) => void late.push(...more));
    await until(() => late.length === 4);
    run.append(1);
    await until(() => late.length === 5);
    resolve();
    await until(() => slow.length === 5);
    Object.assign(run, { isDriven: false, status: "succeeded" });
    run.changed();
    assert.deepEqual(await Promise.all([slowEnd, lateEnd]), ["succeeded", "succeeded"]);
    assert.deepEqual([slow, late], [upTo(5), upTo(5)]);
  });

  it("give a reader what was recorded while it was slow to take what came before, though others share the rest", async () => {
    const run = new Run();
    run.append(2);
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: number[] = [];
    const slowEnd = run.follow(0, (more) => {
      slow.push(...more);
      return slow.length === 2 ? promise : undefined;
    });
    await until(() => slow.length === 2);
    run.append(2);
    const quick: number[] = [];
    const quickEnd = run.follow(0, (more) => void quick.push(...more));
    await until(() => quick.length === 4);
    await new Promise((settled) => setTimeout(settled, 20));
    resolve();
    await until(() => slow.length === 4);
    Object.assign(run, { isDriven: false, status: "succeeded" });
    run.changed();
    assert.deepEqual(await Promise.all([slowEnd, quickEnd]), ["succeeded", "succeeded"]);
    assert.deepEqual([slow, quick], [upTo(4), upTo(4)]);
  });
});

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
