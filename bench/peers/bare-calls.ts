import { Client, credentials } from "@grpc/grpc-js";
import { executeRequests } from "./execute-requests.ts";

/** Floor A: three calls one after another with grpc-js alone, one channel a service, deadline set. */
export interface BareCalls extends ThreeCalls {
  /** Makes the first of them. */
  oneCall(): Promise<void>;
}

export interface ThreeCalls {
  /** Makes the three calls; `before` is done ahead of each. */
  threeCalls(before?: () => void): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 30_000;
const same = (bytes: Buffer): Buffer => bytes;

/** @param addresses three of them */
export function createBareCalls(addresses: readonly string[]): BareCalls {
  const requests = executeRequests();
  const calls = addresses.map((address, index) => ({
    client: new Client(address, credentials.createInsecure()),
    request: requests[index] ?? Buffer.alloc(0),
  }));
  const call = (client: Client, request: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + TIMEOUT_MS;
      client.makeUnaryRequest("/ContainerExecutor/Execute", same, same, request, { deadline }, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  return {
    async threeCalls(before) {
      for (const { client, request } of calls) {
        before?.();
        await call(client, request);
      }
    },
    async oneCall() {
      const [first] = calls;
      if (first !== undefined) await call(first.client, first.request);
    },
    close() {
      for (const { client } of calls) client.close();
    },
  };
}
