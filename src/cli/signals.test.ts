import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listenForSignals } from "./signals.ts";

function listen({ underNpm = false, startedAtTerminal = true } = {}) {
  const heard: string[] = [];
  let nowMs = 0;
  const env = (name: string) => (underNpm && name === "npm_lifecycle_event" ? "npx" : undefined);
  const stop = listenForSignals(
    { env, startedAtTerminal },
    {
      first: (signal) => heard.push(`first ${signal}`),
      second: (signal) => heard.push(`second ${signal}`),
      ignored: (signal) => heard.push(`ignored ${signal}`),
    },
    () => nowMs,
  );
  const send = (signal: NodeJS.Signals, afterMs: number): void => {
    nowMs += afterMs;
    process.emit(signal, signal);
  };
  return { heard, send, stop };
}

describe("signals", () => {
  it("ask once, then end at once, whichever they are", () => {
    const { heard, send, stop } = listen();
    send("SIGTERM", 0);
    send("SIGINT", 1);
    stop();
    send("SIGHUP", 1);
    assert.deepEqual(heard, ["first SIGTERM", "second SIGINT"]);
  });

  it("are not a hang-up, first or later, where no terminal can hang up", () => {
    const { heard, send, stop } = listen({ startedAtTerminal: false });
    send("SIGHUP", 0);
    send("SIGTERM", 1);
    send("SIGHUP", 1);
    send("SIGINT", 1);
    stop();
    assert.deepEqual(heard, ["ignored SIGHUP", "first SIGTERM", "ignored SIGHUP", "second SIGINT"]);
  });

  it("that npm passes on a second time count once", () => {
    const { heard, send, stop } = listen({ underNpm: true });
    send("SIGINT", 0);
    send("SIGINT", 5);
    assert.deepEqual(heard, ["first SIGINT"]);
    send("SIGINT", 500);
    stop();
    assert.deepEqual(heard, ["first SIGINT", "second SIGINT"]);
  });
});
