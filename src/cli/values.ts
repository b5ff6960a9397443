/** What was given on the command line. Asking for an option that the command does not declare is a bug. */
export interface Values {
  positional(index: number): string | undefined;
  /** Whether the command has the option; of those that it has not, nothing may be asked. */
  declares(name: string): boolean;
  flag(name: string): boolean;
  text(name: string): string | undefined;
  /** All values of a repeatable option, in order. */
  list(name: string): readonly string[];
  /** A number of seconds ≥ 0, in milliseconds. */
  milliseconds(name: string, fallbackSeconds: number): number;
  /** A whole number ≥ 0. */
  integer(name: string, fallback: number): number;
}
