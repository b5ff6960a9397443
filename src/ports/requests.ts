import type { RequestAnswer, RequestKind } from "../engine/requests.ts";

/** What somebody other than the owner asks of a run (semantics.md, "Requests"). */
export interface NewRequest {
  readonly runId: string;
  readonly kind: RequestKind;
  /** Two requests of a run with one key are one request. */
  readonly key: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly reason?: string;
}

/** A request as it is stored. */
export interface RequestRecord extends NewRequest {
  /** Ascending in order of arrival. */
  readonly id: number;
  /** Absent until the owner has answered. */
  readonly answer?: RequestAnswer;
}
