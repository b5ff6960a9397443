import type { AttemptKey } from "./attempt-key.ts";

/**
 * What attempts write while they run: the output of their containers. No part of the
 * journal: it is bounded, not synced, and may be deleted at any time without a run noticing.
 *
 * L1  What `write` was given has left the process when it returns: a crash of the process loses none of it.
 * L2  Secrets are masked, lines are whole, and of no attempt is more kept than its bound, in bytes that its container
 *     wrote; of one that writes more, the beginning and the end are kept, with a line that says how many of them are
 *     left out between. What is kept takes at most four times its bound on disk.
 * L3  Trouble with the disk never reaches the attempt: it is reported once, and the run goes on.
 * L4  `read` gives the lines of an attempt in the order they were written, those of several by their times.
 */
export interface RunLogs {
  /** Nothing is made on disk before the first write. */
  open(runId: string, key: AttemptKey): AttemptLog;
  read(runId: string, filter?: LogFilter): AsyncIterable<LogLine>;
  /** Bytes that is kept of a run; of all runs if left out. */
  size(runId?: string): Promise<number>;
  /** Deletes all that is kept of a run. */
  remove(runId: string): Promise<void>;
}

/** `busbar`: what Busbar itself did for the attempt, such as the command it made of the node. */
export type LogStream = "stdout" | "stderr" | "busbar";

/** Takes what one attempt writes. */
export interface AttemptLog {
  /** Blocks until the operating system has it, so that whoever writes too fast is slowed down. */
  write(stream: LogStream, chunk: Uint8Array | string): void;
  /** Forgets what was kept of stdout and stderr: all of it comes again. What Busbar did for the attempt stays. */
  restart(): void;
  /** Nothing more comes; a last line without its end is written. */
  end(): void;
}

/** Which lines are read; all of the run if left out. */
export interface LogFilter {
  readonly nodeId?: string;
  /** `latest`: of each node the last one that has written something, and while it is followed those after it. */
  readonly attempt?: number | "latest";
  /** Only the last so many lines of what is there. */
  readonly tail?: number;
  /** Goes on with what is written later; once aborted, gives what is there and ends. */
  readonly until?: AbortSignal;
}

/** As stored, and in `--json` output and the API, hence snake_case. */
export interface LogLine {
  /** RFC 3339 UTC with milliseconds: when the line was complete. */
  readonly at: string;
  readonly node_id: string;
  readonly attempt: number;
  readonly stream: LogStream;
  /** Without its line end. */
  readonly text: string;
}
