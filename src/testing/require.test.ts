import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { requirePeer } from "./require.ts";

describe("requirePeer", () => {
  const before = process.env.BUSBAR_REQUIRE;
  afterEach(() => {
    if (before === undefined) delete process.env.BUSBAR_REQUIRE;
    else process.env.BUSBAR_REQUIRE = before;
  });

  it("hands over a peer that is there", () => {
    assert.deepEqual(
      requirePeer("tool", () => "/bin/tool"),
      { found: true, peer: "/bin/tool", skip: false },
    );
  });

  it("names a missing peer as the reason of the skip", () => {
    process.env.BUSBAR_REQUIRE = "other";
    assert.deepEqual(
      requirePeer("tool", () => undefined),
      { found: false, skip: "tool is not installed" },
    );
  });

  it("throws where the peer is required", () => {
    process.env.BUSBAR_REQUIRE = "other, tool";
    assert.throws(() => requirePeer("tool", () => undefined), /tool is required/);
  });
});
