import type { Ended } from "./harness.ts";

/** What a command has said, without what differs from one time to the next. */
export function withoutTimes({ code, stdout, stderr }: Ended): Ended {
  const strip = (text: string): string =>
    text
      .replace(/\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3})?Z/g, "DATE")
      .replace(/\b[\d.]+ m?s\b/g, "LONG")
      .replace(/"(duration_ms|backoff_ms)":[\d.]+/g, '"$1":0')
      .replace(/ +/g, " ");
  return { code, stdout: strip(stdout), stderr: strip(stderr) };
}
