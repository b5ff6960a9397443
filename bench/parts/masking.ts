import { createRunLogs } from "../../src/adapters/run-logs/run-logs.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import type { Random } from "../../src/kernel/random.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { withFolder } from "../harness/folders.ts";
import type { BenchContext, Part } from "../harness/part.ts";
import { ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { spreadOf } from "../harness/statistics.ts";

const LINES = 1000;
const LOG_BYTES = 16 * 1024 * 1024;
/** What a pipe hands over at once. */
const CHUNK_BYTES = 64 * 1024;

/** What it costs to look for secrets in what a container writes, from its bytes to the files of its run. */
export const maskingPart: Part = {
  name: "masking",
  about: `16 MiB of a container's log with a secret of ${LINES} lines, against one of one line`,
  async *measure(context) {
    const chunks = makeLog(context.random);
    const lines = Array.from({ length: LINES }, () => makeKeyLine(context.random));
    const samples = await measureInRounds(
      { many: keepLog(context, chunks, lines.join("\n")), one: keepLog(context, chunks, lines[0] ?? "") },
      context,
    );
    const inMs = (values: readonly number[]): string => `${Math.round(spreadOf(values).median)} ms`;
    yield ratioResult(
      "masking",
      `16 MiB of log, ${LINES} lines of secrets to one`,
      ratioOf(samples.many, samples.one),
      context.rounds,
      {
        asked: { bound: "at most", value: 2 },
        note: `${inMs(samples.many)} to ${inMs(samples.one)}`,
      },
    );
  },
};

/** Times one attempt's log, the making of what finds the secret included. */
function keepLog({ folder }: BenchContext, chunks: readonly Buffer[], secret: string): () => Promise<number> {
  return () =>
    withFolder(folder, async (own) => {
      const secrets = createSecrets(() => secret);
      const logs = createRunLogs({
        folder: own,
        clock: createSystemClock(),
        secrets,
        onTrouble(cause) {
          throw cause;
        },
      });
      secrets.read("KEY");
      const began = performance.now();
      const log = logs.open("run", { nodeId: "node", attempt: 1 });
      for (const chunk of chunks) log.write("stdout", chunk);
      log.end();
      return performance.now() - began;
    });
}

const KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** As a key's file has them. */
function makeKeyLine(random: Random): string {
  return Array.from({ length: 64 }, () => KEY_CHARACTERS[Math.floor(random.next() * 64)]).join("");
}

function makeLog(random: Random): readonly Buffer[] {
  const lines: string[] = [];
  for (let bytes = 0; bytes < LOG_BYTES; bytes += lines.at(-1)?.length ?? 0) {
    const [item, ms] = [random.next(), random.next()].map((value) => Math.floor(value * 100_000));
    lines.push(
      `2026-01-01T00:00:00Z INFO GET /v1/items/${item} answered 200 in ${ms} µs, trace ${makeKeyLine(random)}\n`,
    );
  }
  const log = Buffer.from(lines.join("")).subarray(0, LOG_BYTES);
  return Array.from({ length: LOG_BYTES / CHUNK_BYTES }, (_, index) =>
    log.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
}
