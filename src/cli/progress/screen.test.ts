import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../engine/events.ts";
import type { Finding } from "../../engine/finding.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Invocation } from "../command.ts";
import { resumeCommand } from "../commands/resume.ts";
import { parseCommand } from "../parse.ts";
import { createFakeOutput } from "./fake-output.ts";
import { createScreen } from "./screen.ts";

let seq = 0;
const eventOf = (body: EventBody): RunEvent => {
  seq += 1;
  return { ...body, seq, at: "2025-01-01T00:00:00.123Z", run_id: "r1", epoch: 1 };
};
const WARNING: Finding = { severity: "warning", code: "SERVICE_NO_HEALTH", message: "a has no health service" };
const ERROR: Finding = { severity: "error", code: "SERVICE_UNREACHABLE", message: "b cannot be reached" };
const checked = (...findings: readonly Finding[]): RunEvent => eventOf({ type: "run.checked", findings });

function createRig(args: readonly string[] = [], isTerminal = false) {
  const [out, err] = [createFakeOutput({ isTerminal }), createFakeOutput({ isTerminal })];
  const invocation: Invocation = {
    values: parseCommand(resumeCommand, ["r1", ...args]),
    io: { out, err, env: () => undefined, startedAtTerminal: isTerminal },
    secrets: createSecrets(() => undefined),
  };
  const clock = createSteppingClock();
  return { screen: createScreen(invocation, clock), clock, out, err };
}

describe("the screen", () => {
  it("keeps what happens before it has begun, and shows it then, in order", async () => {
    const { screen, err } = createRig();
    screen.onEvents([eventOf({ type: "run.resumed", from: "failed", by: "ada", reset: ["a"], definition_hash: "h" })]);
    screen.onEvents([eventOf({ type: "node.cancelled", node_id: "a" })]);
    assert.equal(err.text(), "");
    await screen.begin([{ id: "a" }]);
    screen.onEvents([eventOf({ type: "run.cancelled", duration_ms: 1 })]);
    assert.match(err.text(), /resumed .* by ada.*\n.*a {2}cancelled\n.*cancelled after 1 ms\n$/);
  });

  it("counts the time of a node from when it started, also where that is seen later", async () => {
    const { screen, clock, err } = createRig([], true);
    clock.advance(9000);
    await screen.begin([{ id: "a" }]);
    const started = eventOf({ type: "node.started", node_id: "a", attempt: 1, idempotency_key: "k", request: null });
    screen.onEvents([started], clock.monotonic() - 7000);
    screen.stop();
    assert.match(err.text(), /a +running +7\.0 s/);
  });

  for (const [where, args, isTerminal] of [
    ["on a pipe", [], false],
    ["on a terminal", [], true],
    ["beside JSON", ["--json"], false],
  ] as const) {
    it(`tells of warnings once ${where}`, async () => {
      const { screen, err } = createRig(args, isTerminal);
      await screen.begin([{ id: "a" }]);
      screen.onEvents([checked(WARNING)]);
      screen.stop();
      assert.equal(err.text().split("a has no health service").length - 1, 1, err.text());
      assert.match(err.text(), /warning SERVICE_NO_HEALTH: a has no health service\n/);
    });
  }

  it("leaves errors, and what was found beside them, to the end of the run", async () => {
    const { screen, err } = createRig();
    await screen.begin([{ id: "a" }]);
    screen.onEvents([checked(WARNING, ERROR)]);
    assert.equal(err.text(), "");
    const findings = [WARNING, ERROR].map((finding) => ({ ...finding }));
    const failure = { code: ERROR.code, message: ERROR.message, details: { findings } };
    const end = eventOf({ type: "run.failed", duration_ms: 1, error: failure });
    assert.ok(end.type === "run.failed");
    screen.end(end);
    for (const { message } of [WARNING, ERROR]) assert.equal(err.text().split(message).length - 1, 1, err.text());
  });

  for (const type of ["run.succeeded", "run.failed", "run.cancelled"] as const) {
    it(`says what to type next after ${type}, unless a program asked it not to`, async () => {
      for (const [args, says] of [
        [[], true],
        [["--no-next"], false],
      ] as const) {
        const { screen, err } = createRig(args);
        await screen.begin([{ id: "a" }]);
        const end = eventOf({ type, duration_ms: 1 });
        assert.ok(end.type === type);
        screen.end(end);
        assert.equal(/Next: |busbar (resume|show)/.test(err.text()), says, err.text());
      }
    });
  }

  it("warns also where stderr is for a log collector", async () => {
    const { screen, err } = createRig(["--log-format", "json"]);
    await screen.begin([{ id: "a" }]);
    screen.say("for people");
    screen.warn("the log file cannot be written");
    assert.equal(err.text(), "the log file cannot be written\n");
  });
});
