/** `2026-11-23 15:04:05Z` */
export function describeTime(at: string): string {
  return at.replace("T", " ").replace(/\.\d+Z$/, "Z");
}
