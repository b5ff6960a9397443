import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERRORS, type ErrorCode } from "../kernel/error-table.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { TerminalEvent } from "../ports/runtime.ts";
import { exitCodeOfCancel, exitCodeOfEnd, exitCodeOfError, exitCodeOfProblems } from "./exit-codes.ts";

const failed = (code: ErrorCode | undefined): TerminalEvent => ({
  type: "run.failed",
  seq: 2,
  at: "",
  run_id: "r",
  epoch: 1,
  duration_ms: 1,
  ...(code === undefined ? {} : { error: { code, message: "" } }),
});

describe("exit codes", () => {
  it("are 0 for a run that succeeded, 130 for one that was cancelled", () => {
    const base = { seq: 2, at: "", run_id: "r", epoch: 1, duration_ms: 1 };
    assert.equal(exitCodeOfEnd({ ...base, type: "run.succeeded" }), 0);
    assert.equal(exitCodeOfEnd({ ...base, type: "run.cancelled" }), 130);
  });

  it("are 20-29 for a run that a service stopped before any node, 1 for every other failure", () => {
    for (const [code, { exitCode }] of Object.entries(ERRORS) as [ErrorCode, { exitCode: number }][]) {
      assert.equal(exitCodeOfEnd(failed(code)), exitCode >= 20 && exitCode <= 29 ? exitCode : 1, code);
    }
    assert.equal(exitCodeOfEnd(failed(undefined)), 1);
    assert.equal(exitCodeOfEnd(failed("CODE_OF_A_NEWER_VERSION" as ErrorCode)), 1);
  });

  it("are those of the table for our errors, and 70 for anything else", () => {
    assert.equal(exitCodeOfError(new BusbarError("RUN_OWNED", "")), 30);
    assert.equal(exitCodeOfError(new BusbarError("USAGE", "")), 2);
    assert.equal(exitCodeOfError(new TypeError("x is not a function")), 70);
  });

  it("are those of the first problem of a file", () => {
    assert.equal(exitCodeOfProblems([{ code: "WORKFLOW_CYCLE" }, { code: "PARAM_UNKNOWN" }]), 13);
    assert.equal(exitCodeOfProblems([]), 0);
  });

  it("of a cancel say whether the run ended as asked", () => {
    assert.equal(exitCodeOfCancel("run.cancelled"), 0);
    assert.equal(exitCodeOfCancel("run.succeeded"), 1);
    assert.equal(exitCodeOfCancel("run.failed"), 1);
  });

  it("lie in the range of their group", () => {
    const groups: readonly (readonly [prefix: RegExp, range: readonly [number, number]])[] = [
      [/^(WORKFLOW|PARAM|REFERENCE)_/, [10, 19]],
      [/^SERVICE_/, [20, 29]],
      [/^JOURNAL_/, [30, 39]],
    ];
    for (const [code, { exitCode }] of Object.entries(ERRORS)) {
      const range = groups.find(([prefix]) => prefix.test(code))?.[1];
      if (range !== undefined) assert.ok(exitCode >= range[0] && exitCode <= range[1], `${code} is ${exitCode}`);
    }
  });
});
