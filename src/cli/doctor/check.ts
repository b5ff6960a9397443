/** One thing that `busbar doctor` looked at. */
export interface Check {
  readonly check: "node" | "state_directory" | "disk" | "journal" | "run";
  readonly ok: boolean;
  /** One line: what was found, and if it is not right, what to do. */
  readonly message: string;
  readonly run_id?: string;
}
