// The codecs made by hand, held against the generated ones.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { ExecuteRequestSchema, ExecuteResponseSchema, file_energy_pipeline } from "../../gen/energy_pipeline_pb.ts";
import { HealthCheckResponse_ServingStatus, HealthCheckResponseSchema } from "../../gen/health/v1/health_pb.ts";
import { CONTRACT, compareWithContract } from "./contract.ts";
import { decodeFile } from "./describe.ts";
import { decodeExecuteResponse, decodeHealthStatus, encodeExecuteRequest } from "./messages.ts";

const anyText = fc.string({ unit: "binary" });

describe("codecs", () => {
  it("write requests byte for byte as the generated code does", () => {
    fc.assert(
      fc.property(anyText, anyText, (inputFile, outputFile) => {
        const expected = toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { inputFile, outputFile }));
        assert.deepEqual(encodeExecuteRequest(inputFile, outputFile), Buffer.from(expected));
      }),
    );
  });

  it("write texts of any length alike", () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 2 ** 21]) {
      const [inputFile, outputFile] = ["x".repeat(length), "é".repeat(length)];
      const expected = toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { inputFile, outputFile }));
      assert.ok(encodeExecuteRequest(inputFile, outputFile).equals(expected), `${length} characters`);
    }
  });

  it("read responses as the generated code does: repeated and unknown fields, and bytes that end too soon", () => {
    const response = fc
      .record({ success: fc.boolean(), message: anyText })
      .map((init) => [...toBinary(ExecuteResponseSchema, create(ExecuteResponseSchema, init))]);
    const unknown = fc.constantFrom(
      [0x1a, 0x02, 0x01, 0x02], // field 3, two bytes
      [0x20, 0x96, 0x01], // field 4, a varint
      [0x2b, 0x08, 0x01, 0x2c], // field 5, a group
      [0x35, 1, 2, 3, 4], // field 6, 32 bits
      [0x39, 1, 2, 3, 4, 5, 6, 7, 8], // field 7, 64 bits
      [0x07], // no wire type at all
    );
    const cut = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 9 }));
    fc.assert(
      fc.property(fc.array(fc.oneof(response, unknown), { maxLength: 5 }), cut, (parts, missing) => {
        const all = Uint8Array.from(parts.flat());
        const bytes = all.subarray(0, Math.max(0, all.length - missing));
        const read = (decode: () => { success?: boolean; message?: string }) => {
          try {
            const { success = false, message = "" } = decode();
            return { success, message };
          } catch {
            return "refused";
          }
        };
        const expected = read(() => fromBinary(ExecuteResponseSchema, bytes));
        assert.deepEqual(
          read(() => decodeExecuteResponse(bytes)),
          expected,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("take a known field of another wire type for an unknown one, but in a reply: that has another contract", () => {
    assert.equal(decodeHealthStatus(Uint8Array.from([0x0a, 0x01, 0x41])), "UNKNOWN");
    const bytesOf: Record<number, readonly number[]> = {
      0: [1],
      1: [1, 2, 3, 4, 5, 6, 7, 8],
      2: [1, 0x41],
      5: [1, 2, 3, 4],
    };
    for (const field of [1, 2]) {
      for (const [wireType, value] of Object.entries(bytesOf)) {
        const bytes = Uint8Array.from([(field << 3) | Number(wireType), ...value]);
        const isOurs = Number(wireType) === (field === 1 ? 0 : 2);
        if (isOurs) decodeExecuteResponse(bytes);
        else
          assert.throws(
            () => decodeExecuteResponse(bytes),
            /field (?:1 is not the bool success|2 is not the string message)/,
          );
      }
    }
  });

  it("read a text that is not UTF-8 as far as it goes: a success is one, whatever its message", () => {
    const bytes = Uint8Array.from([0x08, 0x01, 0x12, 0x02, 0xc3, 0x28]);
    assert.deepEqual(decodeExecuteResponse(bytes), { success: true, message: "\ufffd(" });
  });

  it("read every health", () => {
    for (const [name, status] of Object.entries(HealthCheckResponse_ServingStatus)) {
      const bytes = toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }));
      assert.equal(decodeHealthStatus(bytes), name);
    }
    assert.equal(decodeHealthStatus(new Uint8Array([8, 9])), "9");
  });

  it("read descriptors, and our own one agrees with the contract", () => {
    const file = decodeFile(toBinary(FileDescriptorProtoSchema, file_energy_pipeline.proto));
    const service = file.services.find(({ name }) => name === CONTRACT.service);
    assert.deepEqual(service?.methods, [
      { name: "Execute", input: "ExecuteRequest", output: "ExecuteResponse", streams: false },
    ]);
    assert.ok(service !== undefined);
    const find = (name: string) => file.messages.find((message) => message.name === name);
    assert.deepEqual(compareWithContract(service, find), { errors: [], warnings: [] });
    assert.deepEqual(
      find("ProcessedDataReport")?.fields.map(({ type }) => type),
      ["repeated message", "int32"],
    );
  });
});
