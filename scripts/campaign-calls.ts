// Makes many calls through the real executor to a real service, and fails if the process that makes them holds more
// and more: objects, buffers or pages. Closes with one line that counts passed, failed and skipped.
import { parseArgs } from "node:util";
import { inMb, runCallsCampaign } from "../test/calls/campaign.ts";
import { growthOf } from "../test/calls/growth.ts";
import { ROUND } from "../test/calls/round.ts";

const USAGE = `Usage: npm run campaign:calls [-- OPTIONS]
  --calls N       how many calls, a multiple of ${10 * ROUND} (default 100000)
  --full          a million of them
`;

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "100000" },
    full: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else {
  const calls = values.full ? 1_000_000 : Number(values.calls);
  if (!Number.isSafeInteger(calls) || calls <= 0 || calls % (10 * ROUND) !== 0) {
    process.stderr.write(`--calls is a multiple of ${10 * ROUND}, not ${values.calls}\n`);
    process.exitCode = 2;
  } else {
    await campaign(calls);
  }
}

async function campaign(calls: number): Promise<void> {
  const began = performance.now();
  const { samples, faults } = await runCallsCampaign(calls, ({ calls: made, heap, external, rss }) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(
      `${String(made).padStart(8)} calls: heap ${inMb(heap)}, external ${inMb(external)}, RSS ${inMb(rss)}, ${seconds} s\n`,
    );
  });
  const [heap, external, rss] = (["heap", "external", "rss"] as const).map((measure) =>
    inMb(growthOf(samples, measure)),
  );
  process.stdout.write(`the later half added: heap ${heap}, external ${external}, RSS ${rss}\n`);
  for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`);
  process.stdout.write(`${faults.length === 0 ? 1 : 0} passed, ${faults.length} failed, 0 skipped\n`);
  if (faults.length > 0) process.exitCode = 1;
}
