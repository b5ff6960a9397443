// The connection that brings a container's output breaks: at any byte of it, alone or with all others, while the container
// goes on or ends. All that it wrote is in the log once, and nothing else is.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { createSecrets } from "../../kernel/secrets.ts";
import { createDockerAttempts, type DockerAttempts } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { requireDocker } from "../../testing/docker/engine.ts";
import { startEngineProxy } from "../../testing/docker/proxy.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const engine = requireDocker();

interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Whether the container takes its time after it. */
  readonly rests: boolean;
}

const LONG = ["x".repeat(40_000), `${"y".repeat(20_000)}\n`];

const anyPiece: fc.Arbitrary<Piece> = fc.record({
  stream: fc.constantFrom("stdout", "stderr"),
  text: fc.constantFrom(
    ...["line\n", "no end yet", "\n", "Error: of its own\n", "größe, 日本\n", "progress\r"],
    ...["word\n".repeat(3000), ...LONG],
  ),
  rests: fc.boolean(),
});

/** A difference of long texts is not shown whole. */
function assertSame(text: string, expected: string): void {
  const at = [...expected].findIndex((character, index) => character !== text[index]);
  const from = Math.max(0, at - 20);
  assert.ok(
    text === expected,
    `at ${at}: ${JSON.stringify([text, expected].map((one) => one.slice(from, from + 60)))}`,
  );
}

describe("a container whose output breaks off", { skip: engine.skip }, () => {
  let image: TestImage;
  let attempts: DockerAttempts;
  let folder: string;
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    attempts = createDockerAttempts(image.tag);
    folder = mkdtempSync(join(tmpdir(), "busbar-broken-"));
  });
  after(() => {
    attempts.clear();
    image.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const anyBreak = fc.record({
    pieces: fc.array(anyPiece, { minLength: 1, maxLength: 8 }),
    at: fc.nat(),
    all: fc.boolean(),
    exitCode: fc.constantFrom(0, 1, 3, 125),
    logDriver: fc.constantFrom("json-file", "local"),
  });

  it("has all of it in the log, once, and ends as it does by itself", { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyBreak, async ({ pieces, at, all, exitCode, ...drawn }) => {
        // This one loses the end of a long line (moby 20.10).
        const logDriver = pieces.some(({ text }) => LONG.includes(text)) ? "json-file" : drawn.logDriver;
        const written = (stream: string) => pieces.flatMap((one) => (one.stream === stream ? [one.text] : [])).join("");
        const bytes = Buffer.byteLength(written("stdout") + written("stderr"));
        const proxy = await startEngineProxy({ cutOutput: { afterBytes: 1 + (at % (bytes + 8)), all } });
        const executor = createDockerExecutor({
          clock: createSystemClock(),
          secrets: createSecrets(() => undefined),
          env: { ...process.env, DOCKER_HOST: `tcp://${proxy.address}` },
        });
        const commands = pieces.map(({ stream, text, rests }, index) => {
          writeFileSync(join(folder, String(index)), text);
          return `cat /data/${index}${stream === "stderr" ? " >&2" : ""}${rests ? "; sleep 0.1" : ""}`;
        });
        const attempt = attempts.attempt([...commands, `exit ${exitCode}`].join("; "), {
          request: { options: ["--network=none", `--log-driver=${logDriver}`, `--volume=${folder}:/data:ro`] },
        });
        try {
          const outcome = await executor.execute(attempt, NEVER);
          assert.equal(outcome.outcome === "succeeded" ? 0 : outcome.error.details?.exit_code, exitCode);
          assertSame(attempt.log.text("stdout"), written("stdout"));
          assertSame(attempt.log.text("stderr"), written("stderr"));
          assert.doesNotMatch(JSON.stringify(outcome), /waiting for container|EOF/);
        } finally {
          await executor.close?.();
          await proxy.close();
          attempts.clear();
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
