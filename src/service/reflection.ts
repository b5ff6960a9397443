// Server reflection, v1 and v1alpha. The two are wire-equal and differ only in the name of the service.
// By hand, because @grpc/reflection 1.0.4 cannot name the symbols of a file that has no package.
import { create, type DescFile, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type handleBidiStreamingCall, type Server, status } from "@grpc/grpc-js";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { toServiceDefinition } from "./definition.ts";

const NAMES = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/** @param files what the server offers; all services in them are listed */
export function addReflection(server: Server, files: readonly DescFile[]): void {
  const answer = createAnswer(files);
  const info: handleBidiStreamingCall<ServerReflectionRequest, ServerReflectionResponse> = (call) => {
    call.on("data", (request: ServerReflectionRequest) => {
      call.write(
        create(ServerReflectionResponseSchema, {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request.messageRequest),
        }),
      );
    });
    call.on("end", () => call.end());
    call.on("error", () => undefined); // the caller is gone
  };
  for (const name of NAMES) {
    server.addService(toServiceDefinition(ServerReflection, name), { ServerReflectionInfo: info });
  }
}

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

function createAnswer(files: readonly DescFile[]) {
  const bySymbol = new Map(files.flatMap((file) => symbolsOf(file).map((symbol) => [symbol, file] as const)));
  const byName = new Map(files.map((file) => [file.proto.name, file]));
  const services = files.flatMap((file) => file.services.map((service) => ({ name: service.typeName })));

  return (request: ServerReflectionRequest["messageRequest"]): Answer => {
    switch (request.case) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: services } };
      case "fileContainingSymbol":
        return describe(bySymbol.get(request.value.replace(/^\./, "")), request.value);
      case "fileByFilename":
        return describe(byName.get(request.value), request.value);
      case "fileContainingExtension":
      case "allExtensionNumbersOfType":
        return fail(status.NOT_FOUND, "there are no extensions here");
      default:
        return fail(status.INVALID_ARGUMENT, "the request asks nothing");
    }
  };
}

function symbolsOf(file: DescFile): string[] {
  return [...nestedTypes(file)].flatMap((type) => {
    switch (type.kind) {
      case "service":
        return [type.typeName, ...type.methods.map((method) => `${type.typeName}.${method.name}`)];
      case "message":
        return [type.typeName, ...type.fields.map((field) => `${type.typeName}.${field.name}`)];
      case "enum":
        return [type.typeName, ...type.values.map((value) => `${type.typeName}.${value.name}`)];
      default:
        return [type.typeName];
    }
  });
}

function describe(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return fail(status.NOT_FOUND, `not found: ${asked}`);
  const all = [file, ...dependenciesOf(file)];
  const bytes = all.map((one) => toBinary(FileDescriptorProtoSchema, one.proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: bytes } };
}

function dependenciesOf(file: DescFile): DescFile[] {
  return [...new Set(file.dependencies.flatMap((one) => [one, ...dependenciesOf(one)]))];
}

function fail(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
