import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../../kernel/clock.ts";
import { createSdkLog, type SdkLog } from "./sdk-log.ts";

type Level = "info" | "warn" | "error";

describe("what Restate's SDK says", () => {
  function create() {
    const clock = createSteppingClock();
    const told: string[] = [];
    const log = createSdkLog({
      clock,
      onTrouble: (trouble) => told.push(trouble instanceof Error ? trouble.message : ""),
    });
    const say = (level: Level, ...words: readonly unknown[]): void => {
      log.logger({ level } as Parameters<SdkLog["logger"]>[0], ...words);
    };
    return { clock, told, log, say };
  }

  it("is told in one line, where it is a warning or an error", () => {
    const { told, say } = create();
    say("info", "Starting invocation.");
    say("warn", "Accepting requests without validating request signatures; handler access must be restricted");
    say("error", "Rejecting request:", new Error("no signature\n    at somewhere"));
    assert.deepEqual(told, ["Restate: Rejecting request: no signature"]);
  });

  it("is told once of a connection that all attempts on it have lost, and not while the worker stops", () => {
    const { clock, told, log, say } = create();
    const lose = (): void => {
      for (let attempt = 0; attempt < 40; attempt += 1) {
        say("error", "Error when processing a Restate context operation.", new Error("Premature close"));
        say("error", "Got abort error from connection: The stream has been destroyed");
      }
    };
    lose();
    assert.deepEqual(told, ["a connection of Restate broke; what was under way on it goes on by another"]);
    clock.advance(10_001);
    lose();
    assert.equal(told.length, 2);
    clock.advance(10_001);
    log.expectLosses();
    lose();
    say("error", "No service found");
    assert.deepEqual(told.slice(2), ["Restate: No service found"]);
  });
});
