// Descriptors as server reflection gives them: google/protobuf/descriptor.proto, the part that a contract is made of.
import { bool, bytes, int32, readFields, text } from "./wire.ts";

export interface DescribedFile {
  readonly services: readonly DescribedService[];
  /** With nested ones. */
  readonly messages: readonly DescribedMessage[];
}

export interface DescribedService {
  /** With its package, without a leading dot. */
  readonly name: string;
  readonly methods: readonly DescribedMethod[];
}

export interface DescribedMethod {
  readonly name: string;
  /** Full names without a leading dot. */
  readonly input: string;
  readonly output: string;
  readonly streams: boolean;
}

export interface DescribedMessage {
  readonly name: string;
  readonly fields: readonly DescribedField[];
}

export interface DescribedField {
  readonly name: string;
  readonly number: number;
  /** `string`, `bool`, …; `repeated string` for lists. */
  readonly type: string;
}

/** `FieldDescriptorProto.Type`, from 1. */
const TYPES =
  "double float int64 uint64 int32 fixed64 fixed32 bool string group message bytes uint32 enum sfixed32 sfixed64 sint32 sint64".split(
    " ",
  );
const REPEATED = 3;

/** @param file a `FileDescriptorProto`. @throws Error on bytes that are none */
export function decodeFile(file: Uint8Array): DescribedFile {
  let packageName = "";
  const services: Uint8Array[] = [];
  const messages: Uint8Array[] = [];
  readFields(file, {
    2: text((value) => {
      packageName = value;
    }),
    4: bytes((value) => messages.push(value)),
    6: bytes((value) => services.push(value)),
  });
  const prefix = packageName === "" ? "" : `${packageName}.`;
  return {
    services: services.map((service) => decodeService(service, prefix)),
    messages: messages.flatMap((message) => decodeMessages(message, prefix)),
  };
}

function decodeService(service: Uint8Array, prefix: string): DescribedService {
  let name = "";
  const methods: DescribedMethod[] = [];
  readFields(service, {
    1: text((value) => {
      name = value;
    }),
    2: bytes((value) => methods.push(decodeMethod(value))),
  });
  return { name: prefix + name, methods };
}

function decodeMethod(method: Uint8Array): DescribedMethod {
  const found = { name: "", input: "", output: "", streams: false };
  const stream = bool((value) => {
    found.streams ||= value;
  });
  readFields(method, {
    1: text((value) => {
      found.name = value;
    }),
    2: text((value) => {
      found.input = withoutDot(value);
    }),
    3: text((value) => {
      found.output = withoutDot(value);
    }),
    5: stream,
    6: stream,
  });
  return found;
}

/** The message and all that are nested in it. */
function decodeMessages(message: Uint8Array, prefix: string): DescribedMessage[] {
  let name = "";
  const fields: DescribedField[] = [];
  const nested: Uint8Array[] = [];
  readFields(message, {
    1: text((value) => {
      name = prefix + value;
    }),
    2: bytes((value) => fields.push(decodeField(value))),
    3: bytes((value) => nested.push(value)),
  });
  return [{ name, fields }, ...nested.flatMap((one) => decodeMessages(one, `${name}.`))];
}

function decodeField(field: Uint8Array): DescribedField {
  let name = "";
  let number = 0;
  let label = 0;
  let type = 0;
  readFields(field, {
    1: text((value) => {
      name = value;
    }),
    3: int32((value) => {
      number = value;
    }),
    4: int32((value) => {
      label = value;
    }),
    5: int32((value) => {
      type = value;
    }),
  });
  const typeName = TYPES[type - 1] ?? `type ${type}`;
  return { name, number, type: label === REPEATED ? `repeated ${typeName}` : typeName };
}

/** Some servers put a dot before full names. */
export function withoutDot(name: string): string {
  return name.replace(/^\./, "");
}
