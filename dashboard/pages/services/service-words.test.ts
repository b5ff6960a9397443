import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServiceView } from "../../api/shapes.ts";
import { countStatuses, troubleOf } from "./service-words.ts";

const WELL: ServiceView = {
  name: "meters",
  address: "localhost:1",
  status: "serving",
  contract: "ok",
  in_flight: 0,
  findings: [],
  watched: false,
  used_by: { workflows: ["w"], runs: 0 },
};
const ERROR = { code: "CALL_UNAVAILABLE", message: "refused" };
const AT = "2026-11-26T12:00:00.000Z";

describe("what is said of a service", () => {
  it("is nothing where nothing is wrong", () => {
    assert.deepEqual(troubleOf(WELL), []);
  });

  it("is a thing of the past where it is well again, and what to do where it is not", () => {
    const last_error = { at: AT, error: ERROR };
    const [past] = troubleOf({ ...WELL, last_error });
    assert.deepEqual([past?.when, past?.code, past?.at], ["past", "CALL_UNAVAILABLE", AT]);
    const [now] = troubleOf({ ...WELL, last_error, status: "unreachable" });
    assert.equal(now?.when, "now");
    assert.match(now?.remedy ?? "", /Check that the service runs/);
  });

  it("is told once, errors before warnings, and without a remedy where the code is not known", () => {
    const findings = [
      { severity: "warning", code: "OF_A_NEWER_SERVER", message: "odd" },
      { severity: "error", code: "SERVICE_UNREACHABLE", message: "refused" },
    ] as const;
    const told = troubleOf({ ...WELL, status: "unreachable", findings, last_error: { at: AT, error: ERROR } });
    assert.deepEqual(
      told.map(({ code, remedy }) => [code, remedy === ""]),
      [
        ["SERVICE_UNREACHABLE", false],
        ["OF_A_NEWER_SERVER", true],
      ],
    );
  });

  it("counts them by status, the worst first", () => {
    const down = { ...WELL, status: "unreachable" } as const;
    assert.deepEqual(countStatuses([WELL, down, WELL]), [
      ["unreachable", 1],
      ["serving", 2],
    ]);
  });
});
