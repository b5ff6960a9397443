import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Attempt } from "../../ports/executor.ts";
import type { Service } from "../../workflow/model/service.ts";
import { Code } from "../grpc-client/status.ts";
import { type AttemptContext, outcomeOfEnd, outcomeOfReply } from "./outcome.ts";

const context = {
  service: { name: "s", address: "localhost:1" } as unknown as Service,
  attempt: { timeoutMs: 1000 } as unknown as Attempt,
  secrets: createSecrets(() => undefined),
} satisfies AttemptContext;

function messageOf(code: number, message: string): string {
  const outcome = outcomeOfEnd(context, { code, message, metadata: {}, trailers: {}, sent: true }, 5, undefined);
  assert.ok(outcome.outcome !== "succeeded");
  return outcome.error.message;
}

describe("a failed call in words", () => {
  it("lets a service's words end as they do, and begins its own sentence after them", () => {
    const ends = ["", ".", "!", "?", "…", "...", ";", ":", ",", " ", ".\n", '."', "!)"];
    const codes = Object.values(Code).filter((code) => code > 0);
    assert.ok(codes.length > 10);
    for (const code of [...codes, 42]) {
      for (const end of ends) {
        const message = messageOf(code, `Method not found${end}`);
        const [before, after = ""] = message.split("Method not found");
        assert.match(before ?? "", /^s at localhost:1 /);
        assert.doesNotMatch(
          after.replace(/^\.\.\./, "…").replace(/\\n/g, ""),
          /^[.!?…;:,)"\s]*[.!?…][;:,.]|[;:,]\./,
          message,
        );
      }
    }
    assert.match(messageOf(Code.INTERNAL, "Method not found!"), /INTERNAL: Method not found! The service/);
    assert.match(messageOf(Code.INTERNAL, ""), /INTERNAL: it gave no reason\. The service/);
  });
});

describe("a reply", () => {
  /** What stands in one field, and whether it is of the contract's type: `success` is a bool, `message` a string. */
  const field = fc.oneof(
    fc.record({ no: fc.constantFrom(1, 2, 3, 15), wire: fc.constant(WireType.Varint), value: fc.boolean() }),
    fc.record({ no: fc.constantFrom(1, 2, 3, 15), wire: fc.constant(WireType.LengthDelimited), value: fc.string() }),
    fc.record({ no: fc.constantFrom(1, 2, 3, 15), wire: fc.constant(WireType.Bit32), value: fc.nat() }),
    fc.record({ no: fc.constantFrom(1, 2, 3, 15), wire: fc.constant(WireType.Bit64), value: fc.nat() }),
  );
  const TYPES: Readonly<Record<number, WireType>> = { 1: WireType.Varint, 2: WireType.LengthDelimited };

  it("counts where its fields are the contract's, whatever else is in it; the last of each", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const writer = new BinaryWriter();
        for (const { no, wire, value } of fields) {
          writer.tag(no, wire);
          if (typeof value === "boolean") writer.bool(value);
          else if (typeof value === "string") writer.string(value);
          else if (wire === WireType.Bit32) writer.fixed32(value);
          else writer.fixed64(BigInt(value));
        }
        const outcome = outcomeOfReply(context, writer.finish());
        const contradicts = fields.some(({ no, wire }) => TYPES[no] !== undefined && TYPES[no] !== wire);
        const success = fields.findLast(({ no }) => no === 1)?.value;
        const isEmpty = !fields.some(({ no }) => TYPES[no] !== undefined);
        if (contradicts || isEmpty) {
          assert.ok(outcome.outcome === "failed");
          assert.deepEqual([outcome.error.code, outcome.error.status], ["SERVICE_WRONG_CONTRACT", "INTERNAL"]);
        } else if (success === true) {
          assert.equal(outcome.outcome, "succeeded");
        } else {
          assert.ok(outcome.outcome === "failed");
          assert.equal(outcome.error.code, "NODE_REPORTED_FAILURE");
        }
      }),
    );
  });

  it("of any bytes is an outcome, never thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const outcome = outcomeOfReply(context, bytes);
        if (outcome.outcome === "failed") assert.doesNotMatch(outcome.error.message, /\p{Cc}/u);
      }),
      { numRuns: 1000 },
    );
  });
});
