// Cuts a journal at every place and flips every byte of it, in two processes side by side.
// Usage: npm run campaign:damage
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const LANES = 2;
const test = fileURLToPath(new URL("test.ts", import.meta.url));

const closing = await Promise.all(
  Array.from({ length: LANES }, async (_, lane) => {
    const child = spawn(process.execPath, [test, "--full", "test/journal-damage.test.ts"], {
      env: { ...process.env, BUSBAR_LANE: `${lane}/${LANES}` },
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
