// Cuts a journal at many places and flips many of its bytes, in two processes side by side.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const LANES = 2;

const USAGE = `Usage: npm run campaign:damage [-- --full | --every N [--from N]]

Takes every Nth position of each file of the journal, from one that it draws and prints.

  --every N  3 unless told otherwise: about 5 minutes
  --full     every position; about 20 minutes
  --from N   an even number below twice --every: where an earlier call began
  --help     this text
`;

const { values } = parseArgs({
  options: {
    ...{ every: { type: "string" }, full: { type: "boolean" } },
    ...{ from: { type: "string" }, help: { type: "boolean" } },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const every = Number(values.every ?? 3);
/** Of so many positions each lane takes one. */
const span = LANES * every;
const from = Number(values.from ?? LANES * Math.floor(Math.random() * every));
if (!(Number.isSafeInteger(every) && every > 0)) refuse("--every is a whole number above 0");
if (!(Number.isSafeInteger(from / LANES) && from >= 0 && from < span)) {
  refuse(`--from is an even number from 0 to ${span - LANES}`);
}
const laneOf = (lane: number): string => (values.full ? `${lane}/${LANES}` : `${from + lane}/${span}`);
if (!values.full) {
  process.stdout.write(
    `one position of ${every} (again: npm run campaign:damage -- --every ${every} --from ${from})\n`,
  );
}
const test = fileURLToPath(new URL("test.ts", import.meta.url));

const closing = await Promise.all(
  Array.from({ length: LANES }, async (_, lane) => {
    const child = spawn(process.execPath, [test, "--full", "test/journal-damage.test.ts"], {
      env: { ...process.env, BUSBAR_LANE: laneOf(lane) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const [code] = await once(child, "close");
    const output = Buffer.concat(chunks).toString();
    const counts = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output);
    process.stdout.write(output.replace(counts?.[0] ?? "", "").trimEnd());
    process.stdout.write("\n");
    if (code !== 0 || counts === null) process.exitCode = 1;
    return counts?.slice(1).map(Number) ?? [0, 1, 0];
  }),
);
const sum = (index: number): number => closing.reduce((total, counts) => total + (counts[index] ?? 0), 0);
process.stdout.write(`${sum(0)} passed, ${sum(1)} failed, ${sum(2)} skipped\n`);

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${USAGE}`);
  process.exit(2);
}
