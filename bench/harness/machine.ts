import { cpus, platform, release, totalmem } from "node:os";

/** What the figures were measured on, in one line. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memoryGb = Math.round(totalmem() / 1e9);
  return `Node ${process.versions.node}, SQLite ${process.versions.sqlite}, ${cpus().length} cores (${model}), ${memoryGb} GB, ${platform()} ${release()}`;
}
