// A hundred clients of one long run, over servers that are killed and started again: each sees every event once.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../src/testing/until.ts";
import { type Cli, createCli } from "../cli/harness.ts";
import { type ServerProcess, startServer } from "../serve/server-process.ts";

/** A whole one moves half a million events, which a busy machine takes minutes for. */
const NODES = process.env.BUSBAR_CAMPAIGN === "full" ? 1_000 : 200;
const CLIENTS = 100;
const KILLS = 3;

/** One client: what it has seen, and how it goes on after its stream has broken. */
interface Follower {
  readonly seen: number[];
  hasEnd: boolean;
}

describe("event streams", () => {
  let cli: Cli;
  let server: ServerProcess;
  before(() => {
    cli = createCli();
  });
  after(() => cli.close());

  it(`lose and double nothing for ${CLIENTS} clients of ${NODES} nodes while the server is killed ${KILLS} times`, async () => {
    const service = await cli.serve("worker", async () => {
      await sleep(5);
      return "done";
    });
    server = await startServer(cli);
    const ids = Array.from({ length: NODES }, (_, index) => `n${index}`);
    const definition = {
      format: "json",
      text: JSON.stringify({
        workflow_name: "wide",
        max_parallel: 8,
        start_node: ids,
        service_registry: { s: service.address },
        containers: Object.fromEntries(ids.map((id) => [id, { service: "s", input_file: "i", output_file: "o" }])),
      }),
    };
    const started = await server.call("POST", "/runs", { definition, run_id: "long" });
    assert.equal(started.status, 201, JSON.stringify(started.body));
    const { run_id } = started.body;
    const followers = Array.from({ length: CLIENTS }, (): Follower => ({ seen: [], hasEnd: false }));
    const over = new AbortController();
    const following = Promise.all(followers.map((follower) => follow(follower, run_id, over.signal)));
    try {
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await until(() => followers.every(({ seen }) => seen.length > (kill * 2 * NODES) / (KILLS + 2)));
        await server.stop("SIGKILL");
        server = await startServer(cli);
      }
      await until(() => followers.every(({ hasEnd }) => hasEnd));
    } finally {
      over.abort();
      await following;
    }
    const { last_seq, status } = (await server.call("GET", `/runs/${run_id}`)).body;
    assert.equal(status, "succeeded");
    const all = Array.from({ length: last_seq }, (_, index) => index + 1);
    for (const { seen } of followers) assert.deepEqual(seen, all);
  });

  /** Reads until the run has ended, on one connection after the other. */
  async function follow(follower: Follower, runId: string, signal: AbortSignal): Promise<void> {
    while (!follower.hasEnd && !signal.aborted) {
      await readOnce(follower, runId, signal).catch(() => undefined);
      if (!follower.hasEnd) await sleep(50);
    }
  }

  async function readOnce(follower: Follower, runId: string, signal: AbortSignal): Promise<void> {
    const last = follower.seen.at(-1);
    const headers = {
      accept: "text/event-stream",
      ...server.headers(),
      ...(last === undefined ? {} : { "last-event-id": `${runId}:${last}` }),
    };
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${server.url}/api/v1/runs/${runId}/events`, { headers, signal, agent: false }, (reply) => {
        let rest = "";
        reply.setEncoding("utf8");
        reply.on("data", (chunk: string) => {
          const blocks = (rest + chunk).split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks) take(follower, runId, block);
        });
        reply.on("error", reject);
        reply.on("close", resolve);
      });
      sent.on("error", reject);
      sent.end();
    });
  }
});

function take(follower: Follower, runId: string, block: string): void {
  const [, seq] = new RegExp(`^id: ${runId}:(\\d+)\n`).exec(block) ?? [];
  if (seq !== undefined) follower.seen.push(Number(seq));
  // That nobody drives it is an end of the stream, not of the run.
  if (block.startsWith("event: end") && block.includes('"status":"succeeded"')) follower.hasEnd = true;
}
