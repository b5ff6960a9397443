import type { ErrorInfo } from "../kernel/errors.ts";

/** What somebody other than the owner can ask of a run. */
export type RequestKind = "cancel" | "pause" | "unpause";

export const REQUEST_KINDS: readonly RequestKind[] = ["cancel", "pause", "unpause"];

/** A request as the machine sees it; who carried it here is the runtime's business. */
export interface AskedRequest {
  /** Ascending in order of arrival. */
  readonly id: number;
  /** A later version may know more kinds than this one. */
  readonly kind: string;
  readonly by: string;
  readonly reason?: string;
}

/** What the owner did about a request: the event that followed, or why none did. */
export type RequestAnswer =
  /** `seq` of the event that says so. */
  { readonly kind: "applied"; readonly seq: number } | { readonly kind: "refused"; readonly error: ErrorInfo };

/** Stands in the same append as the events that follow from the request. */
export interface Answer {
  readonly requestId: number;
  readonly answer: RequestAnswer;
}
