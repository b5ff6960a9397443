import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FileNow } from "../../../model/file-now.ts";
import { fileCommand } from "./file-command.ts";

const CHANGED: FileNow = { kind: "changed", name: "nightly", hash: "sha256:2", isSince: true, isMended: true };
const REQUEST = { path: "/runs/r1/resume", body: { from: ["a"] } };

describe("the command that goes on with a file", () => {
  it("names the workflow where the file is chosen, and only then", () => {
    assert.equal(fileCommand("resume r1", CHANGED, "was", REQUEST), "resume r1");
    assert.equal(fileCommand("resume r1", undefined, "now", REQUEST), "resume r1");
    assert.equal(fileCommand("resume r1", CHANGED, "now", REQUEST), "resume r1 --file nightly");
    assert.equal(fileCommand("resume r1", { ...CHANGED, name: "a b" }, "now", REQUEST), "resume r1 --file 'a b'");
  });

  it("is a request where a name would be taken for a file of one's own, or an option", () => {
    for (const name of ["n.yaml", "-n"]) {
      assert.match(
        fileCommand("resume r1", { ...CHANGED, name }, "now", REQUEST, "http://h:1"),
        /^curl .* -X POST .*"from":\["a"\],"workflow":"(?:n\.yaml|-n)".* http:\/\/h:1\/api\/v1\/runs\/r1\/resume$/,
      );
    }
  });
});
