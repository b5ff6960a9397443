import { readFileSync } from "node:fs";

/**
 * The most memory this process has ever held, in MB (10⁶ bytes). On Linux from
 * /proc: the figure of getrusage begins with that of the process that started us.
 */
export function peakMemoryMb(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kib !== undefined) return (Number(kib) * 1024) / 1e6;
  } catch {
    // Not Linux.
  }
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}
