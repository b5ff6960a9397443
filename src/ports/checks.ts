import type { ErrorInfo } from "../kernel/errors.ts";
import type { JournalReader } from "./journal.ts";

/** What `busbar doctor` asks of a state directory. */
export interface StoreChecks extends Pick<JournalReader, "listRuns" | "readStored" | "location">, IntegrityCheck {
  /** The directory and the disk under it, as they are now. */
  place(): PlaceFacts;
}

/** A journal that can be compared with itself. */
export interface IntegrityCheck {
  /** Reads everything and compares it with itself: for `busbar doctor`. */
  checkIntegrity(): Promise<readonly IntegrityFinding[]>;
}

/** Something that does not read back as it was written. */
export interface IntegrityFinding {
  readonly runId?: string;
  readonly error: ErrorInfo;
}

/** Where runs are, or would be, recorded. */
export interface PlaceFacts {
  /** Absolute. */
  readonly stateDir: string;
  readonly exists: boolean;
  /** The state directory, or the first folder above it that is there. */
  readonly nearest: string;
  /** What keeps this process from reading and writing there, if anything does. */
  readonly obstacle?: string;
  /** Name of the network file system that it lies on, where locks and fsync cannot be trusted. */
  readonly remote?: string;
  readonly freeBytes: number;
}

/** One check and its result; as in `busbar doctor --json`, hence snake_case. */
export interface Check {
  readonly check: "node" | "state_directory" | "disk" | "journal" | "run" | "cluster" | "workers" | "drives";
  readonly ok: boolean;
  /** One line: what was found, and if it is not right, what to do. */
  readonly message: string;
  readonly run_id?: string;
}
