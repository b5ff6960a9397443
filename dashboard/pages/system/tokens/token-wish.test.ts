import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wishCommand, wishRequest } from "./token-wish.ts";

describe("a token that somebody wants", () => {
  it("is a request, and the command that does the same", () => {
    const wish = { role: "viewer", name: " the wall's screen ", expiry: "30d" } as const;
    assert.deepEqual(wishRequest(wish), { role: "viewer", name: "the wall's screen", expires_in_s: 2_592_000 });
    assert.equal(wishCommand(wish), "token create --role viewer --name 'the wall'\\''s screen' --expires 30d");
  });

  it("has neither name nor end where none is given", () => {
    const wish = { role: "admin", name: " ", expiry: "never" } as const;
    assert.deepEqual(wishRequest(wish), { role: "admin" });
    assert.equal(wishCommand(wish), "token create --role admin");
  });
});
