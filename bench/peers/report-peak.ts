// Loaded into another program with --import: leaves the most memory it ever held in a file when it ends.
import { writeFileSync } from "node:fs";
import { peakMemoryMb } from "../harness/memory.ts";

process.once("exit", () => {
  if (process.env.BENCH_PEAK_FILE !== undefined) writeFileSync(process.env.BENCH_PEAK_FILE, String(peakMemoryMb()));
});
