// Three bare grpc-js servers in a process of their own, until standard input ends. They do not look at what they
// are sent, so that they cost the floors and Busbar the same, and little. Each call takes so many milliseconds as the
// argument says; none without.

import { create, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ExecuteResponseSchema } from "../../src/gen/energy_pipeline_pb.ts";

const REPLY = Buffer.from(
  toBinary(ExecuteResponseSchema, create(ExecuteResponseSchema, { success: true, message: "Echo processed the file" })),
);
const delayMs = Number(process.argv[2] ?? 0);
const same = (bytes: Buffer): Buffer => bytes;

const servers = await Promise.all(
  [1, 2, 3].map(async () => {
    const server = new Server();
    server.addService(
      {
        Execute: {
          path: "/ContainerExecutor/Execute",
          requestStream: false,
          responseStream: false,
          requestSerialize: same,
          requestDeserialize: same,
          responseSerialize: same,
          responseDeserialize: same,
        },
      },
      {
        Execute: (_call: unknown, callback: (error: null, reply: Buffer) => void) => {
          if (delayMs === 0) callback(null, REPLY);
          else setTimeout(() => callback(null, REPLY), delayMs);
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return { server, address: `127.0.0.1:${port}` };
  }),
);

process.stdin.resume().once("end", () => {
  for (const { server } of servers) server.forceShutdown();
});
process.stdout.write(`${JSON.stringify(servers.map(({ address }) => address))}\n`);
