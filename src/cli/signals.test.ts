import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listenForSignals } from "./signals.ts";

function listen(underNpm: boolean) {
  const heard: string[] = [];
  let nowMs = 0;
  const stop = listenForSignals({
    first: (signal) => heard.push(`first ${signal}`),
    second: (signal) => heard.push(`second ${signal}`),
    now: () => nowMs,
    underNpm,
  });
  const send = (signal: NodeJS.Signals, afterMs: number): void => {
    nowMs += afterMs;
    process.emit(signal, signal);
  };
  return { heard, send, stop };
}

describe("signals", () => {
  it("ask once, then end at once, whichever they are", () => {
    const { heard, send, stop } = listen(false);
    send("SIGTERM", 0);
    send("SIGINT", 1);
    stop();
    send("SIGHUP", 1);
    assert.deepEqual(heard, ["first SIGTERM", "second SIGINT"]);
  });

  it("that npm passes on a second time count once", () => {
    const { heard, send, stop } = listen(true);
    send("SIGINT", 0);
    send("SIGINT", 5);
    assert.deepEqual(heard, ["first SIGINT"]);
    send("SIGINT", 500);
    stop();
    assert.deepEqual(heard, ["first SIGINT", "second SIGINT"]);
  });
});
