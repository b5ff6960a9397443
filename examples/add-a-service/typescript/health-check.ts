// Exit code 0 if the service says that it is serving.
import { Client, credentials } from "@grpc/grpc-js";

const client = new Client(`127.0.0.1:${process.env.PORT || 50054}`, credentials.createInsecure());
const asIs = (bytes: Buffer): Buffer => bytes;
const options = { deadline: Date.now() + 2000 };
// An empty HealthCheckRequest asks for the server as a whole.
client.makeUnaryRequest("/grpc.health.v1.Health/Check", asIs, asIs, Buffer.alloc(0), options, (error, reply) => {
  const serving = reply?.equals(Buffer.from([8, 1])) ?? false;
  if (!serving) console.error(error?.message ?? "not serving");
  process.exitCode = serving ? 0 : 1;
  client.close();
});
