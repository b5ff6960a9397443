import { type ClientHttp2Session, connect } from "node:http2";
import { frameMessage } from "../../src/adapters/grpc-client/framing.ts";
import type { ThreeCalls } from "./bare-calls.ts";
import { executeRequests } from "./execute-requests.ts";

/**
 * Floor C: the same three calls with node:http2 alone, a session each. It sends what a call of gRPC must send and waits
 * for the status, with no deadline of its own and nothing that could go wrong.
 *
 * @param addresses three of them
 */
export function createBareStreams(addresses: readonly string[]): ThreeCalls {
  const requests = executeRequests();
  const calls = addresses.map((address, index) => ({
    session: connect(`http://${address}`),
    address,
    request: frameMessage(requests[index] ?? Buffer.alloc(0)),
  }));
  const call = (session: ClientHttp2Session, address: string, request: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const stream = session.request(
        {
          ":method": "POST",
          ":scheme": "http",
          ":authority": address,
          ":path": "/ContainerExecutor/Execute",
          te: "trailers",
          "content-type": "application/grpc",
          "grpc-timeout": "30S",
        },
        { endStream: false },
      );
      let bytes = 0;
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.on("trailers", (trailers) => {
        if (trailers["grpc-status"] === "0" && bytes > 0) resolve();
        else reject(new Error(`status ${trailers["grpc-status"]}, ${bytes} bytes`));
      });
      stream.on("error", reject);
      stream.end(request);
    });
  return {
    async threeCalls(before) {
      for (const { session, address, request } of calls) {
        before?.();
        await call(session, address, request);
      }
    },
    close() {
      for (const { session } of calls) session.close();
    },
  };
}
