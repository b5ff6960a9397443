// The engine is killed in the middle of a container and comes back: what it still has of the output is in the log once, what
// it may have lost is named, and its client's words are nobody's output.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { busyboxImage, type TestImage } from "../../src/testing/docker/busybox-image.ts";
import { requireDocker } from "../../src/testing/docker/engine.ts";
import { createOwnEngine, type OwnEngine, ownEngineSkip } from "../../src/testing/docker/own-engine.ts";
import { until } from "../../src/testing/until.ts";
import { createCli, jsonLines } from "../cli/harness.ts";

const peer = requireDocker();

describe("an engine that is killed in the middle of a container", { skip: peer.skip || ownEngineSkip() }, () => {
  const host = process.env.DOCKER_HOST;
  let engine: OwnEngine;
  let image: TestImage;
  before(async () => {
    if (!peer.found) return;
    engine = await createOwnEngine(["--live-restore"]);
    await engine.start();
    process.env.DOCKER_HOST = engine.host;
    image = busyboxImage(peer.peer);
  });
  after(async () => {
    image?.remove();
    await engine?.close();
    if (host === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = host;
  });

  /** Writes a numbered line to both outputs, a partial one, and so on until it is let go. */
  const script = `n=0
    until [ -e /data/go ]; do n=$((n+1)); echo out $n; echo err $n >&2; echo $n >/data/last; sleep 0.05; done
    printf 'no end' >&2; : >/data/ended; exit 5`;
  const numbered = (name: string, last: number): readonly string[] =>
    Array.from({ length: last }, (_, index) => `${name} ${index + 1}`);

  for (const endsMeanwhile of [false, true]) {
    it(`tells all that it still has, and the container's own end (${endsMeanwhile ? "which it has missed" : "which comes later"})`, {
      timeout: 60_000,
    }, async () => {
      const cli = createCli();
      try {
        const data = cli.folder;
        const docker = { image: image.tag, args: ["sh", "-c", script], volumes: [`${data}:/data`], network: "none" };
        cli.write("w.json", { workflow_name: "w", containers: { a: { executor: "docker", docker } } });
        const running = cli.start(["run", "w.json", "--run-id", "r", "--json"]);
        const reached = async (count: number): Promise<void> => {
          const path = join(data, "last");
          await until(() => existsSync(path) && Number(readFileSync(path, "utf8")) >= count);
        };
        // Not only written, but read by the engine and its client.
        await until(async () => (await cli.run(["logs", "r", "a"])).stdout.includes("out 10\n"));
        await engine.kill();
        await reached(Number(readFileSync(join(data, "last"), "utf8")) + 10);
        if (endsMeanwhile) {
          writeFileSync(join(data, "go"), "");
          await until(() => existsSync(join(data, "ended")));
          // And its process.
          await setTimeout(300);
        }
        await engine.start();
        if (!endsMeanwhile) {
          await setTimeout(1000);
          writeFileSync(join(data, "go"), "");
        }
        const { code, stdout, stderr } = await running.ended;
        assert.equal(code, 1, stdout + stderr);
        const failed = jsonLines(stdout).find(({ type }) => type === "node.attempt_failed");
        assert.ok(failed);
        const { message, details } = failed.error as { message: string; details: { exit_code: number } };
        assert.equal(details.exit_code, 5, message);
        assert.doesNotMatch(message, /EOF|waiting for container/);
        const lines = jsonLines((await cli.run(["logs", "r", "a", "--json"])).stdout) as unknown as readonly {
          readonly stream: string;
          readonly text: string;
        }[];
        const textsOf = (name: string) => lines.flatMap(({ stream, text }) => (stream === name ? [text] : []));
        const last = Number(readFileSync(join(data, "last"), "utf8"));
        const [out, err] = [textsOf("stdout"), textsOf("stderr")];
        if (endsMeanwhile) {
          // It was written into pipes that nobody reads any more.
          assert.deepEqual(out, numbered("out", out.length));
          assert.deepEqual(err, numbered("err", err.length));
          assert.ok(out.length >= 10 && out.length <= last, String(out.length));
          assert.match(
            textsOf("busbar").join("\n"),
            /docker was away while the container ended: what it wrote meanwhile may be missing/,
          );
        } else {
          assert.deepEqual(out, numbered("out", last));
          assert.deepEqual(err, [...numbered("err", last), "no end"]);
          assert.match(message, /: no end$/);
        }
        assert.match(textsOf("busbar").join("\n"), /^docker start: .*waiting for container: unexpected EOF/m);
      } finally {
        await cli.close();
      }
    });
  }
});
