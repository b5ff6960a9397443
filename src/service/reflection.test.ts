// An independent client asks: `buf curl` knows the contract only through reflection.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials } from "@grpc/grpc-js";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { startDummyServer } from "./dummy.ts";
import { createJsonLog } from "./log.ts";
import type { RunningService } from "./serve.ts";

const run = promisify(execFile);
const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");

describe("reflection", () => {
  let service: RunningService;
  before(async () => {
    service = await startDummyServer({ port: 0, signals: [], log: createJsonLog("dummy", () => undefined) });
  });
  after(() => service.close(0));

  const curl = async (path: string, ...options: string[]) => {
    const common = [buf, "curl", "--protocol", "grpc", "--http2-prior-knowledge"];
    return (await run(process.execPath, [...common, ...options, `http://${service.address}${path}`])).stdout;
  };

  for (const version of ["grpc-v1", "grpc-v1alpha"]) {
    it(`lets buf curl list the methods and call Execute over ${version}`, async () => {
      const methods = await curl("", "--reflect-protocol", version, "--list-methods");
      assert.deepEqual(methods.trim().split(/\s+/), [
        "ContainerExecutor/Execute",
        "grpc.health.v1.Health/Check",
        "grpc.health.v1.Health/List",
        "grpc.health.v1.Health/Watch",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      ]);
      const data = JSON.stringify({ input_file: "a", output_file: "b" });
      const reply = await curl("/ContainerExecutor/Execute", "--reflect-protocol", version, "-d", data);
      assert.deepEqual(JSON.parse(reply), { success: true, message: "Dummy processed a to b" });
    });
  }

  it("finds the file of a service, a method, a message, a field and an enum value, with or without a leading dot", async () => {
    const symbols = {
      ContainerExecutor: "energy_pipeline.proto",
      ".ContainerExecutor": "energy_pipeline.proto",
      "ContainerExecutor.Execute": "energy_pipeline.proto",
      "ExecuteRequest.input_file": "energy_pipeline.proto",
      ProcessedDataReport: "energy_pipeline.proto",
      "grpc.health.v1.HealthCheckResponse.ServingStatus": "health/v1/health.proto",
    };
    for (const [symbol, file] of Object.entries(symbols)) {
      const { messageResponse } = await ask(service.address, { case: "fileContainingSymbol", value: symbol });
      assert.equal(messageResponse.case, "fileDescriptorResponse", symbol);
      const [bytes = new Uint8Array()] =
        messageResponse.case === "fileDescriptorResponse" ? messageResponse.value.fileDescriptorProto : [];
      assert.equal(fromBinary(FileDescriptorProtoSchema, bytes).name, file);
    }
  });

  it("says NOT_FOUND for what it does not have", async () => {
    for (const request of [
      { case: "fileContainingSymbol", value: "energy.EnergyGenerator" },
      { case: "fileByFilename", value: "other.proto" },
      { case: "allExtensionNumbersOfType", value: "ExecuteRequest" },
    ] as const) {
      const { messageResponse } = await ask(service.address, request);
      assert.equal(messageResponse.case === "errorResponse" ? messageResponse.value.errorCode : 0, 5);
    }
  });
});

function ask(address: string, messageRequest: ServerReflectionRequest["messageRequest"]) {
  const client = new Client(address, credentials.createInsecure());
  const stream = client.makeBidiStreamRequest(
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    (message: ServerReflectionRequest) => Buffer.from(toBinary(ServerReflectionRequestSchema, message)),
    (bytes: Buffer) => fromBinary(ServerReflectionResponseSchema, bytes),
  );
  return new Promise<ServerReflectionResponse>((resolve, reject) => {
    stream.on("data", resolve);
    stream.on("error", reject);
    stream.on("end", () => client.close());
    stream.write(create(ServerReflectionRequestSchema, { messageRequest }));
    stream.end();
  });
}
