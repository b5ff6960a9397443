// HTTP by hand, for what no client would send.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A response as it stands on the wire, with what followed it. */
export interface RawReply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A server that closes first is no fault of a test.
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** All that the server says until it closes the connection, however it does that. */
export function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

/** Sends something, and reads until the server closes. */
export async function sendRaw(url: string, bytes: string): Promise<readonly RawReply[]> {
  const socket = await connectTo(url);
  const answer = readAll(socket);
  socket.write(bytes);
  return parseReplies(await answer);
}

/** Responses one after the other, each with its length. */
export function parseReplies(text: string): readonly RawReply[] {
  const replies: RawReply[] = [];
  for (let rest = text; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const length = Number(headers.get("content-length") ?? 0);
    replies.push({ status: Number(first.split(" ")[1]), headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return replies;
}
