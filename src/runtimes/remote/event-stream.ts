/** A message of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface StreamMessage {
  /** The last id that the stream has given, with this message or before; empty where there was none. */
  readonly id: string;
  /** Empty for what the stream is about. */
  readonly event: string;
  readonly data: string;
}

/** Characters of one message, at most: what has no end is no event stream of ours. */
const MAX_CHARS = 64 * 1024 * 1024;

/**
 * Reads an event stream, a message at a time and no further than it is asked. A message without its end is none.
 * @param onRetry told of the milliseconds after which to come again
 * @throws RangeError where a message does not end
 */
export async function* readEventStream(
  chunks: AsyncIterable<Uint8Array>,
  onRetry: (ms: number) => void = () => undefined,
): AsyncGenerator<StreamMessage> {
  let id = "";
  let event = "";
  let data: string[] = [];
  for await (const line of readLines(chunks)) {
    if (line === "") {
      if (data.length > 0) yield { id, event: event === "message" ? "" : event, data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    // A line that begins with a colon is a comment: its name is empty.
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^\d+$/.test(value)) onRetry(Number(value));
  }
}

/** Lines end with LF, CR, or both, wherever the stream was cut. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let afterCr = false;
  for await (const chunk of chunks) {
    let text = decoder.decode(chunk, { stream: true });
    if (text === "") continue;
    if (afterCr && text.startsWith("\n")) text = text.slice(1);
    afterCr = text.endsWith("\r");
    const ends = /\r\n?|\n/g;
    let from = 0;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      yield rest + text.slice(from, end.index);
      rest = "";
      from = ends.lastIndex;
    }
    rest += text.slice(from);
    if (rest.length > MAX_CHARS) throw new RangeError("a message of the event stream does not end");
  }
}
