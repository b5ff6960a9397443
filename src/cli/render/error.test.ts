import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERRORS, type ErrorCode } from "../../kernel/error-table.ts";
import { createCommandFormatter } from "../format-command.ts";
import { renderError } from "./error.ts";
import { createStyle } from "./style.ts";

const style = createStyle(false);

describe("renderError", () => {
  it("advises commands with what is known in them, as they have to be typed here", () => {
    const formatCommand = createCommandFormatter(
      { env: (name) => (name === "npm_command" ? "exec" : undefined) },
      { stateDir: "s 1" },
    );
    const subject = { runId: "r1", nodeId: "clean data", formatCommand };
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const [, remedy = ""] = renderError({ code, message: "m" }, style, subject).split("\n");
      for (const [command] of remedy.matchAll(/`busbar[^`]*`/g)) assert.fail(`${code}: ${command}`);
      for (const [command] of remedy.matchAll(/`npx busbar[^`]*`/g)) {
        // Some take none.
        if (!/^`npx busbar (?:proto|schema|worker)\b/.test(command)) assert.match(command, / --state-dir 's 1'`$/);
        assert.doesNotMatch(command, /\b(?:RUN|NODE)\b/);
      }
    }
    const failed = renderError({ code: "CONTAINER_NOT_STARTED", message: "m" }, style, subject);
    assert.match(failed, /`npx busbar logs r1 'clean data' --state-dir 's 1'`/);
  });

  it("advises commands of workers with the admin API that was given, and with no place of runs", () => {
    const noWorkers = { code: "CLUSTER_NO_WORKERS", message: "m" } as const;
    const place = { runtime: "restate", ingress: "http://r:8080", admin: "http://r:9070" };
    const ofRuns = renderError(noWorkers, style, {
      formatCommand: createCommandFormatter({ env: () => undefined }, place),
    });
    assert.match(ofRuns, /`busbar worker --admin http:\/\/r:9070`/);
    assert.match(ofRuns, /`busbar worker register --advertise URL --admin http:\/\/r:9070`/);
    assert.match(ofRuns, /`busbar doctor --runtime restate --ingress http:\/\/r:8080 --admin http:\/\/r:9070`/);
    const formatCommand = createCommandFormatter(
      { env: () => undefined },
      { workerAdmin: "http://r:9070", advertise: "http://w:9080" },
    );
    assert.match(
      renderError({ code: "CLUSTER_OTHER_VERSION", message: "m" }, style, { formatCommand }),
      /`busbar worker register --force --admin http:\/\/r:9070 --advertise http:\/\/w:9080`/,
    );
  });

  it("leaves it to messages that say what to do", () => {
    for (const code of ["USAGE", "ADDRESS_UNAVAILABLE"] as const) {
      assert.equal(renderError({ code, message: "m; do this" }, style), `${code}: m; do this\n`);
    }
  });

  it("takes the run from the error where it is told of none", () => {
    const error = { code: "RUN_OWNED", message: "m", details: { run_id: "r2" } } as const;
    assert.match(renderError(error, style), /`busbar cancel r2`/);
  });
});
