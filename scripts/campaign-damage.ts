// Cuts a journal at many places and flips many of its bytes, in two processes side by side.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const USAGE = `Usage: npm run campaign:damage [-- --full | --from N]

Takes every third position of each file of the journal, from one that it draws and prints; about 5 minutes.

  --full     every position; about 20 minutes
  --from N   0, 2 or 4: where an earlier call began
  --help     this text
`;

const LANES = 2;
/** Of so many positions each lane takes one. */
const SPAN = 6;

const { values } = parseArgs({
  options: { full: { type: "boolean" }, from: { type: "string" }, help: { type: "boolean" } },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const from = Number(values.from ?? 2 * Math.floor((Math.random() * SPAN) / 2));
if (![0, 2, 4].includes(from)) {
  process.stderr.write(`--from is 0, 2 or 4\n\n${USAGE}`);
  process.exit(2);
}
const laneOf = (lane: number): string => (values.full ? `${lane}/${LANES}` : `${from + lane}/${SPAN}`);
if (!values.full) process.stdout.write(`every third position (again: npm run campaign:damage -- --from ${from})\n`);
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
