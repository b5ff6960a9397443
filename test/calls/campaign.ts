import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Line } from "./caller.ts";
import { growthOf, MAX_GROWTH, type Measure, type Sample } from "./growth.ts";
import { startWishedService } from "./service.ts";

export interface CampaignResult {
  readonly samples: readonly Sample[];
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
}

/** After its last call a process ends by itself within that time. */
const END_MS = 10_000;

/**
 * Makes calls in a process of its own, and says whether it holds more and more.
 *
 * V8 keeps the code that it has compiled, of which it would drop some megabytes after a while, and hide a leak in that.
 * Its young generation gets 2 MB instead of up to 64: it is filled before it is collected, and so takes part of its
 * pages into use only after many thousands of calls, which looks like a leak and is none.
 *
 * @param calls a multiple of ten ROUNDs
 */
export async function runCallsCampaign(calls: number, onSample?: (sample: Sample) => void): Promise<CampaignResult> {
  const service = await startWishedService();
  const caller = fileURLToPath(new URL("caller.ts", import.meta.url));
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--expose-gc",
    "--no-flush-bytecode",
    "--max-semi-space-size=2",
  ];
  const child = spawn(process.execPath, [...flags, caller, service.address, String(calls)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const samples: Sample[] = [];
  const unexpected: string[] = [];
  let ending: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if ("unexpected" in line) {
      unexpected.push(line.unexpected);
      return;
    }
    samples.push(line);
    onSample?.(line);
    if (line.calls === calls) ending = setTimeout(() => child.kill("SIGKILL"), END_MS);
  });
  const [code, signal] = await closed;
  clearTimeout(ending);
  await service.close(0);
  const faults = unexpected.slice(0, 10);
  if (unexpected.length > 10) faults.push(`and ${unexpected.length - 10} more`);
  if (signal === "SIGKILL") faults.push("the process does not end by itself once its executor is closed");
  else if (code !== 0) faults.push(`the process ended with ${code ?? signal}`);
  if (samples.length !== 11) faults.push(`${samples.length} samples instead of 11`);
  else faults.push(...judge(samples));
  return { samples, faults };
}

function judge(samples: readonly Sample[]): readonly string[] {
  return (Object.keys(MAX_GROWTH) as Measure[]).flatMap((measure) => {
    const growth = growthOf(samples, measure);
    const limit = MAX_GROWTH[measure];
    return growth <= limit ? [] : [`${measure} grew by ${inMb(growth)} in the later half; at most ${inMb(limit)}`];
  });
}

export function inMb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
