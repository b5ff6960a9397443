import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createVersionLook } from "./version-look.ts";

function createCountedVersion() {
  const counted = { looks: 0, value: 1 };
  const version = createVersionLook({
    version() {
      counted.looks += 1;
      return counted.value;
    },
  });
  return { counted, version };
}

describe("a look at the journal's version", () => {
  it("is one for all that ask in a turn of the event loop", async () => {
    const { counted, version } = createCountedVersion();
    const before = counted.looks;
    assert.deepEqual([version.lookOnceATurn(), version.lookOnceATurn()], [1, 1]);
    assert.equal(counted.looks, before + 1);
    counted.value = 2;
    await setImmediate();
    assert.equal(version.lookOnceATurn(), 2);
    assert.equal(counted.looks, before + 2);
  });

  it("may be asked for at any time, and whoever begins later takes what it found", () => {
    const { counted, version } = createCountedVersion();
    assert.equal(version.last(), 1);
    counted.value = 2;
    assert.equal(version.last(), 1);
    assert.equal(version.look(), 2);
    assert.equal(version.last(), 2);
    counted.value = 3;
    assert.deepEqual([version.look(), version.lookOnceATurn()], [3, 3]);
  });
});
