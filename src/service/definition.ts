// A protobuf-es service description as grpc-js wants it.
import { type DescService, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ServiceDefinition } from "@grpc/grpc-js";

/**
 * @param service  described by the generated code
 * @param typeName the full name on the wire, where it differs from the generated one (reflection v1alpha)
 */
export function toServiceDefinition(service: DescService, typeName: string = service.typeName): ServiceDefinition {
  const methods = service.methods.map((method) => {
    const encode = (schema: typeof method.input) => (message: MessageShape<typeof schema>) =>
      Buffer.from(toBinary(schema, message));
    const decode = (schema: typeof method.input) => (bytes: Buffer) => fromBinary(schema, bytes);
    return [
      method.name,
      {
        path: `/${typeName}/${method.name}`,
        requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
        responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
        requestSerialize: encode(method.input),
        requestDeserialize: decode(method.input),
        responseSerialize: encode(method.output),
        responseDeserialize: decode(method.output),
      },
    ] as const;
  });
  return Object.fromEntries(methods);
}
