import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkflowListing } from "../api/shapes.ts";
import { type FileNow, fileBody, fileNow, proposedFile } from "./file-now.ts";

const RUN = {
  workflow: "nightly",
  definition_hash: "sha256:1",
  status: "failed",
  created_at: "2026-11-26T10:00:00.000Z",
  ended_at: "2026-11-26T10:05:00.000Z",
} as const;
const { ended_at: _, ...GOES_ON } = RUN;
const FILE: WorkflowListing = {
  ...{ name: "nightly", file: "n.yaml", valid: true, definition_hash: "sha256:2", versions: 2, nodes: 3 },
  ...{ diagnostics: [], updated_at: "2026-11-26T10:06:00.000Z" },
};
const CHANGED: FileNow = { kind: "changed", name: "nightly", hash: "sha256:2", isSince: true, isMended: true };

describe("the file of a run as the server has it now", () => {
  it("is nothing to tell of where it says the same, or is not there", () => {
    assert.equal(fileNow(RUN, []), undefined);
    assert.equal(fileNow(RUN, [{ ...FILE, name: "other" }]), undefined);
    assert.equal(fileNow(RUN, [{ ...FILE, definition_hash: "sha256:1" }]), undefined);
    assert.equal(proposedFile(undefined), "was");
  });

  it("is proposed where it was changed after the run had failed, and only then", () => {
    assert.deepEqual(fileNow(RUN, [FILE]), CHANGED);
    assert.equal(proposedFile(CHANGED), "now");
    for (const [run, updated_at, isSince] of [
      [RUN, "2026-11-26T10:03:00.000Z", true],
      [RUN, "2026-11-26T09:00:00.000Z", false],
      [{ ...RUN, status: "cancelled" }, FILE.updated_at, true],
      [{ ...GOES_ON, status: "running" }, FILE.updated_at, true],
    ] as const) {
      const file = fileNow(run, [{ ...FILE, updated_at }]);
      assert.deepEqual(file, { ...CHANGED, isSince, isMended: false });
      assert.equal(proposedFile(file), "was");
    }
  });

  it("is told with the first thing that is wrong with it, which is no warning", () => {
    const first = { code: "WORKFLOW_SYNTAX", message: "no", line: 3, column: 1, length: 1 };
    const more = { file: "n.yaml", source_line: "", remedy: "" };
    const diagnostics = [{ ...first, ...more, severity: "warning" } as const, { ...first, ...more }];
    const file = fileNow(RUN, [{ ...FILE, valid: false, definition_hash: "sha256:1", diagnostics }]);
    assert.deepEqual(file, { kind: "broken", name: "nightly", file: "n.yaml", first: diagnostics[1] });
    assert.equal(proposedFile(file), "was");
    assert.deepEqual(fileBody(file, "now"), {});
  });

  it("is asked for by the version that was looked at", () => {
    assert.deepEqual(fileBody(CHANGED, "now"), { workflow: "nightly", definition_hash: "sha256:2" });
    assert.deepEqual(fileBody(CHANGED, "was"), {});
  });
});
