/** One message of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface Frame {
  /** Where the client goes on after this one: what it sends as Last-Event-ID. */
  readonly id?: string;
  /** Left out for what the stream is about. */
  readonly event?: "reset" | "damaged" | "end" | "bye" | "problem";
  /** Milliseconds after which the client tries again. */
  readonly retry?: number;
  readonly data: unknown;
}

/** JSON has no line end in it, so the data is one line. */
export function encodeFrame({ id, event, retry, data }: Frame): Buffer {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return Buffer.from(`${lines.join("\n")}\n\n`);
}

/** Says nothing, and shows both ends that the other is there. */
export const HEARTBEAT: Buffer = Buffer.from(": \n\n");
