import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERRORS } from "./error-table.ts";

describe("error table", () => {
  it("gives every error a sentence, a remedy and an exit code of its group", () => {
    for (const [code, entry] of Object.entries(ERRORS)) {
      assert.match(entry.meaning, /^[A-Z].*[.]$/, code);
      assert.match(entry.remedy, /\S.*[.]$/, code);
      const { exitCode } = entry;
      const known = [1, 2, 70, 71, 74, 130].includes(exitCode) || (exitCode >= 10 && exitCode <= 49);
      assert.ok(known, `${code} has exit code ${exitCode}`);
    }
  });

  it("keeps files at 10-19, services at 20-29 and the journal at 30-39", () => {
    for (const [code, { exitCode }] of Object.entries(ERRORS)) {
      if (code.startsWith("WORKFLOW_") || code.startsWith("PARAM_")) assert.ok(exitCode >= 10 && exitCode <= 19, code);
      if (/^(SERVICE|ENGINE|IMAGE|MOUNT)_/.test(code)) assert.ok(exitCode >= 20 && exitCode <= 29, code);
      if (code.startsWith("JOURNAL_")) assert.ok(exitCode >= 30 && exitCode <= 39, code);
      if (code.startsWith("CALL_") || code.startsWith("NODE_TIMED")) assert.equal(exitCode, 1, code);
    }
  });
});
