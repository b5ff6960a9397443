import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AttemptView, NodeView, RunView } from "../../ports/runtime.ts";
import { tellWhereLogsAre } from "./tell-where-logs-are.ts";

const attempt = (number: number): AttemptView => ({
  ...{ attempt: number, idempotency_key: `run/a/${number}`, started_at: `2026-11-26T00:00:0${number}.000Z` },
});
const node = (id: string, attempts: readonly AttemptView[], more: Partial<NodeView> = {}): NodeView => ({
  ...{ id, status: "running", upstream: [], attempts },
  ...more,
});
const service = { name: "s", address: "localhost:1" };

/** @param views what a look finds, one after the other; then the last one again */
function logsOf(...views: readonly (readonly NodeView[])[]) {
  const left = [...views];
  const get = async (): Promise<RunView> => ({ nodes: left.length > 1 ? left.shift() : left[0] }) as unknown as RunView;
  return async (filter: Parameters<ReturnType<typeof tellWhereLogsAre>>[1] = {}) => {
    const lines: string[] = [];
    for await (const { node_id, attempt, stream, at, text } of tellWhereLogsAre({ get })("run", filter)) {
      assert.match(text, /--logs-dir/);
      lines.push(`${node_id} ${attempt} ${stream} ${at.slice(17, 19)}`);
    }
    return lines;
  };
}

describe("logs of a cluster whose folder is not known", () => {
  const nodes = [node("a", [attempt(1), attempt(2)]), node("b", [attempt(3)]), node("s", [attempt(4)], { service })];

  it("are a line for each attempt that is asked for, but for calls of services", async () => {
    const logs = logsOf(nodes);
    assert.deepEqual(await logs(), ["a 1 busbar 01", "a 2 busbar 02", "b 3 busbar 03"]);
    assert.deepEqual(await logs({ attempt: "latest" }), ["a 2 busbar 02", "b 3 busbar 03"]);
    assert.deepEqual(await logs({ nodeId: "a", attempt: 1 }), ["a 1 busbar 01"]);
    assert.deepEqual(await logs({ nodeId: "s" }), []);
    assert.deepEqual(await logs({ tail: 1 }), ["b 3 busbar 03"]);
    assert.deepEqual(await logs({ tail: 0 }), []);
  });

  it("have the attempts, when they are followed, that have begun meanwhile", async () => {
    const over = new AbortController();
    const following = logsOf([node("a", [attempt(1)])], nodes)({ until: over.signal });
    over.abort();
    assert.deepEqual(await following, ["a 1 busbar 01", "a 2 busbar 02", "b 3 busbar 03"]);
  });
});
