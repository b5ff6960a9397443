/** What a server counts and measures, for whoever collects such numbers. */
export interface Metrics {
  /** All of it as of now. */
  read(): readonly Metric[];
}

/** One thing that is counted or measured, in the terms of Prometheus. */
export interface Metric {
  /** With its unit at the end (`_seconds`, `_bytes`), and `_total` if it only grows. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of a histogram: which of its numbers this is. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels?: { readonly [name: string]: string };
  readonly value: number;
}

/** How long the event loop kept others waiting, in milliseconds. */
export interface EventLoopDelay {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}
