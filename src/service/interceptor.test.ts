import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { startForTest } from "../testing/started-service.ts";
import { until } from "../testing/until.ts";
import type { CallEnd, Execute } from "./execute.ts";
import type { Interceptor } from "./interceptor.ts";
import { createRpcError } from "./rpc-error.ts";

/** Writes over all fields of what is for reading only. */
function spoil(given: object): void {
  for (const key of Object.keys(given)) Object.assign(given, { [key]: undefined });
}

describe("interceptor", () => {
  it("sees each call end as its caller does, those that are refused included", async (test) => {
    const seen: Partial<CallEnd>[] = [];
    const error = new Error("no disk");
    const { client } = await startForTest(
      test,
      async ({ inputFile }) => {
        if (inputFile === "fail") throw error;
        if (inputFile === "status") throw createRpcError("UNAVAILABLE", "warming up");
        if (inputFile === "hold") await client.execute("refused", "b").catch(() => undefined);
        return "done";
      },
      {
        maxConcurrency: 1,
        async interceptor({ inputFile }, { runId }, next) {
          const { durationMs, ...end } = await next();
          assert.ok(durationMs >= 0);
          if (inputFile === "ok") assert.equal(runId, "r");
          seen.push(end);
        },
      },
    );
    await client.execute("ok", "b", { metadata: { "x-busbar-run-id": "r" } });
    await client.execute("fail", "b");
    await assert.rejects(client.execute("status", "b"));
    await client.execute("hold", "b");
    const [ok, failed, withStatus, refused, held] = seen;
    assert.deepEqual(ok, { status: "OK", success: true, message: "done" });
    assert.deepEqual(failed, { status: "OK", success: false, message: "[sorter] Failed to execute: no disk", error });
    assert.deepEqual([withStatus?.status, withStatus?.message], ["UNAVAILABLE", "warming up"]);
    assert.deepEqual([refused?.status, refused?.error], ["RESOURCE_EXHAUSTED", undefined]);
    assert.deepEqual(held, ok);
  });

  it("does the work within its own asynchronous context", async (test) => {
    const span = new AsyncLocalStorage<string>();
    const { client } = await startForTest(test, () => span.getStore() ?? "none", {
      interceptor: (_request, { traceparent }, next) => span.run(traceparent ?? "new", next),
    });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert.equal((await client.execute("a", "b", { metadata: { traceparent } })).message, traceparent);
    for (const wrong of ["", "00-0-0-00", traceparent.replace("0af7", "0AF7"), `ff${traceparent.slice(2)}`]) {
      assert.equal((await client.execute("a", "b", { metadata: { traceparent: wrong } })).message, "new", wrong);
    }
  });

  for (const [says, interceptor, told] of [
    ["throws before", () => assert.fail("no metrics"), "the interceptor threw"],
    ["throws after", (_r, _c, next) => next().then(() => assert.fail("no metrics")), "the interceptor threw"],
    ["rejects", () => Promise.reject(undefined), "the interceptor threw"],
    ["does not call next", () => undefined, "the interceptor did not call next"],
    ["calls next twice", (_r, _c, next) => Promise.all([next(), next()]), undefined],
    ["returns another end", () => ({ status: "INTERNAL" }), "the interceptor did not call next"],
    ["calls next and forgets it", (_r, _c, next) => void next(), undefined],
    ["goes on for ever after it", async (_r, _c, next) => new Promise(() => next()), undefined],
  ] as [string, Interceptor, string | undefined][]) {
    it(`changes nothing where it ${says}, and the work is done once`, async (test) => {
      let times = 0;
      const work = () => {
        times += 1;
        return "done";
      };
      const { client, lines } = await startForTest(test, work, { interceptor });
      assert.equal((await client.execute("a", "b")).message, "done");
      assert.equal(times, 1);
      await client.check("");
      const ofIt = lines.map(({ message }) => message).filter((message) => String(message).includes("interceptor"));
      assert.deepEqual(ofIt, told === undefined ? [] : [told]);
    });
  }

  for (const [says, interceptor] of [
    [
      "the request",
      (request, _c, next) => {
        spoil(request);
        return next();
      },
    ],
    [
      "the context",
      (_r, context, next) => {
        spoil(context);
        return next();
      },
    ],
    ["the end", async (_r, _c, next) => spoil(await next())],
  ] as [string, Interceptor][]) {
    it(`changes nothing where it writes to ${says}`, async (test) => {
      const work: Execute = ({ inputFile, outputFile }, { runId }) => `${inputFile} ${outputFile} ${runId}`;
      const { client, lines } = await startForTest(test, work, { interceptor });
      const { success, message } = await client.execute("a", "b", { metadata: { "x-busbar-run-id": "r" } });
      assert.deepEqual([success, message], [true, "a b r"]);
      assert.deepEqual([lines.at(-1)?.message, lines.at(-1)?.status], ["a b r", "success"]);
    });
  }

  for (const [says, interceptor] of [
    ["never", () => new Promise(() => undefined)],
    [
      "too late",
      (_r, { signal }, next) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(next()))),
    ],
  ] as [string, Interceptor][]) {
    it(`does not hold a call that nobody waits for any more: it calls next ${says}`, async (test) => {
      let times = 0;
      const work = () => {
        times += 1;
        return "done";
      };
      const { client, lines, service } = await startForTest(test, work, { interceptor, maxConcurrency: 1 });
      // The time is the call's alone: it is connected before.
      await client.check("");
      // The client ends the call as well as the service does: either may be first.
      const abandoned = () =>
        lines.filter(({ message }) =>
          /^abandoned: the (?:deadline has passed|caller has cancelled)$/.test(String(message)),
        );
      for (const nth of [1, 2]) {
        await assert.rejects(client.execute("a", "b", { timeoutMs: 1000 }), { code: status.DEADLINE_EXCEEDED });
        await until(() => abandoned().length === nth);
      }
      await service.close(0);
      assert.equal(times, 0);
    });
  }

  it("does not turn a refusal into work", async (test) => {
    let times = 0;
    const { client, service } = await startForTest(
      test,
      () => {
        times += 1;
        return "done";
      },
      { interceptor: () => undefined },
    );
    await client.execute("a", "b");
    const closed = service.close();
    await assert.rejects(client.execute("a", "b"), { code: status.UNAVAILABLE });
    await closed;
    assert.equal(times, 1);
  });
});
