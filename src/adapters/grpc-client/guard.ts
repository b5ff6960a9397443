import type { Result } from "../../kernel/result.ts";
import type { Endpoint } from "../../kernel/target.ts";

/** What a program lets its connections reach. Asked with each connection anew: what names lead to may change. */
export interface Guard {
  /** Whether a name may be given to a proxy, which looks it up itself; one that may not is looked up here. */
  admitsName(name: string, port: number): boolean;
  /**
   * Whether a socket may be connected to.
   * @param endpoint an address, or a name for a proxy that `admitsName` has let through
   * @param name     under which it was found
   */
  admits(endpoint: Endpoint, name: string): boolean;
  /**
   * The file to be read in the place of one of `tls`, links followed; `code` where it cannot be looked at (an errno),
   * undefined where it may not be read.
   */
  readable(file: string): Result<string, string | undefined>;
}
