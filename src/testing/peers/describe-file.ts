import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

/** A .proto file in short: what reflection of a peer built from another contract would describe. */
export interface ShortFile {
  readonly package?: string;
  /** By name; each method with the full names of its messages, and `stream` before them if it streams. */
  readonly services?: { readonly [service: string]: { readonly [method: string]: readonly [string, string] } };
  /** By name; fields as `string input_file = 1`, with `repeated` before them for lists. */
  readonly messages?: { readonly [message: string]: readonly string[] };
  /** Files whose messages are used. */
  readonly imports?: readonly DescFile[];
}

let count = 0;

export function describeFile(short: ShortFile): DescFile {
  count += 1;
  const name = `peer_${count}.proto`;
  const imports = short.imports ?? [];
  const file = create(FileDescriptorProtoSchema, {
    name,
    package: short.package ?? "",
    syntax: "proto3",
    dependency: imports.map((one) => one.proto.name),
    messageType: Object.entries(short.messages ?? {}).map(([message, fields]) => ({
      name: message,
      field: fields.map(describeField),
    })),
    service: Object.entries(short.services ?? {}).map(([service, methods]) => ({
      name: service,
      method: Object.entries(methods).map(([method, [input, output]]) => ({
        name: method,
        inputType: `.${input.replace("stream ", "")}`,
        outputType: `.${output.replace("stream ", "")}`,
        clientStreaming: input.startsWith("stream "),
        serverStreaming: output.startsWith("stream "),
      })),
    })),
  });
  const set = create(FileDescriptorSetSchema, { file: [...imports.map((one) => one.proto), file] });
  const found = createFileRegistry(set).getFile(name);
  if (found === undefined) throw new Error(`${name} was not built`);
  return found;
}

function describeField(text: string) {
  const match = /^(repeated )?(\w+) (\w+) = (\d+)$/.exec(text);
  if (match === null) throw new Error(`not a field: ${text}`);
  const type = match[2]?.toUpperCase() as keyof typeof FieldDescriptorProto_Type;
  return {
    name: match[3] ?? "",
    number: Number(match[4]),
    type: FieldDescriptorProto_Type[type],
    label: match[1] === undefined ? FieldDescriptorProto_Label.OPTIONAL : FieldDescriptorProto_Label.REPEATED,
  };
}
