// Several clients that follow one run: each is told all of it, whatever others asked for and whoever drives it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createApi } from "../src/api/api.ts";
import { type ApiServer, listen } from "../src/api/server.ts";
import { createStreams } from "../src/api/streams/streams.ts";
import { openServer, type ServerHost } from "../src/app/server/open-server.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import { createGate, type Gate } from "../src/testing/fake-executor.ts";
import { until } from "../src/testing/until.ts";
import { type Cli, createCli } from "./cli/harness.ts";
import { pairOf } from "./serve/pair.ts";
import { admitAs, type Message, readStream, startServing } from "./serve/serving.ts";

/** What a client was told, as it comes. */
interface Follower {
  readonly messages: Message[];
  /** Resolves when the stream is over. */
  readonly done: Promise<void>;
}

function follow(url: string, signal: AbortSignal): Follower {
  const messages: Message[] = [];
  const read = async (): Promise<void> => {
    for await (const message of readStream(url, { signal })) messages.push(message);
  };
  return { messages, done: read().catch((thrown) => (signal.aborted ? undefined : Promise.reject(thrown))) };
}

const seqsOf = ({ messages }: Follower): number[] => messages.flatMap(({ data }) => data.seq ?? []);
const endsOf = ({ messages }: Follower): string[] =>
  messages.flatMap(({ event, data }) => (event === "end" ? [data.status] : []));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("clients that follow one run", { timeout: 60_000 }, () => {
  let cli: Cli;
  let address: string;
  let gate: Gate<void>;
  let calls: number;
  let over: AbortController;
  beforeEach(async () => {
    cli = createCli();
    gate = createGate();
    calls = 0;
    over = new AbortController();
    const service = await cli.serve("pair", async () => {
      calls += 1;
      await gate.promise;
      return "done";
    });
    address = service.address;
  });
  afterEach(async () => {
    over.abort();
    await cli.close();
  });

  it("lose nothing because one of them asks for what follows an event that is not there", async () => {
    const serving = await startServing();
    await serving.call("POST", "/runs", { definition: pairOf(address), run_id: "r", preflight: false });
    await until(() => calls === 1);
    const events = `${serving.url}/api/v1/runs/r/events`;
    const beyond = follow(`${events}?after=999999`, over.signal);
    await until(() => serving.countStreams() === 1);
    // It has come to the end of what is there.
    await sleep(50);
    const others = [0, 1].map((after) => follow(`${events}?after=${after}`, over.signal));
    await until(() => others.every(({ messages }) => messages.length > 0));
    gate.open();
    await Promise.all([beyond, ...others].map(({ done }) => done));
    const { last_seq } = (await serving.call("GET", "/runs/r")).body;
    assert.deepEqual(others.map(seqsOf), [upTo(last_seq), upTo(last_seq).slice(1)]);
    assert.deepEqual(seqsOf(beyond), []);
    assert.deepEqual([beyond, ...others].map(endsOf), [["succeeded"], ["succeeded"], ["succeeded"]]);
    await serving.close();
  });

  describe("that is about to be taken up", () => {
    let isWaiting: boolean;
    let host: ServerHost;
    let server: ApiServer;
    beforeEach(async () => {
      const command = cli.start(["run", cli.write("pair.json", pairOf(address).text), "--run-id", "r"]);
      await until(() => calls === 1);
      command.child.kill("SIGKILL");
      await command.ended;
      isWaiting = true;
      host = await openServer({ stateDir: join(cli.folder, ".busbar"), secrets: createSecrets(() => undefined) });
      const streams = createStreams();
      const admin = admitAs({ role: "admin", name: "test", id: "test" });
      server = await listen(createApi({ ...host, isTakenUp: () => isWaiting }, streams, admin), streams, {
        host: "127.0.0.1",
        port: 0,
      });
    });
    afterEach(async () => {
      await server.close();
      await host.close();
    });
    async function takeUp(): Promise<void> {
      await host.runs.resume("r", { by: "test", recovery: true });
      isWaiting = false;
      await until(() => calls === 2);
    }

    it("see no end before its own, however many they are", async () => {
      const followers = [0, 1, 2].map(() => follow(`${server.url}/api/v1/runs/r/events`, over.signal));
      await until(() => followers.every(({ messages }) => messages.length > 0));
      // Each of them looks at the run now and then.
      await sleep(250);
      await takeUp();
      await sleep(150);
      gate.open();
      await Promise.all(followers.map(({ done }) => done));
      const { last_seq } = await host.runs.get("r");
      for (const follower of followers) {
        assert.deepEqual(endsOf(follower), ["succeeded"]);
        assert.deepEqual(seqsOf(follower), upTo(last_seq));
      }
    });

    it("follow its logs until it has ended", async () => {
      const logs = follow(`${server.url}/api/v1/runs/r/logs?follow=true`, over.signal);
      await assert.rejects(host.runs.wait("r"), { code: "RUN_LEFT" });
      await sleep(250);
      await takeUp();
      assert.deepEqual(logs.messages, []);
      gate.open();
      await logs.done;
      assert.deepEqual(
        logs.messages.map(({ event }) => event),
        ["end"],
      );
      assert.equal((await host.runs.get("r")).status, "succeeded");
    });
  });
});
