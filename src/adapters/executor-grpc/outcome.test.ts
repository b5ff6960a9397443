import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Attempt } from "../../ports/executor.ts";
import type { Service } from "../../workflow/model/service.ts";
import { Code } from "../grpc-client/status.ts";
import { type AttemptContext, outcomeOfEnd } from "./outcome.ts";

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
