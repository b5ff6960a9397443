import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Attempt } from "../../ports/executor.ts";
import type { ContainerState } from "./containers.ts";
import { outcomeOfExit } from "./outcome.ts";

const context = (options: readonly string[] = []) => ({
  attempt: { nodeId: "work" } as Attempt,
  request: { program: "docker", options, image: "img", args: [] },
  secrets: createSecrets(() => undefined),
});

function failureOf(state: Partial<ContainerState>, stderr: string, options?: readonly string[]) {
  const whole: ContainerState = {
    is: "exited",
    exitCode: 0,
    outOfMemory: false,
    error: "",
    startedAt: 0,
    pid: 0,
    ...state,
  };
  const outcome = outcomeOfExit(context(options), whole, stderr);
  return outcome.outcome === "succeeded" ? "succeeded" : `${outcome.error.code} ${outcome.error.message}`;
}

describe("a container in which the kernel killed a process for memory", () => {
  for (const exitCode of [1, 3, 125, 134, 139, 143, 255]) {
    it(`and that ended by itself with ${exitCode} has failed for its own reason, which is told`, () => {
      const text = failureOf({ exitCode, outOfMemory: true }, "a warning\nno such table\n", ["--memory=64m"]);
      assert.match(
        text,
        new RegExp(`^CONTAINER_FAILED the container of work \\(img\\) ended with exit code ${exitCode}\\b`),
      );
      assert.match(
        text,
        / \(a process in it was killed for memory: it used more than its limit \(--memory=64m\)\): no such table$/,
      );
    });
  }

  it("and that was killed itself has used too much memory, whatever it had written before", () => {
    const text = failureOf({ exitCode: 137, outOfMemory: true }, "loading\n", ["--memory=1m", "--memory=2m"]);
    assert.equal(
      text,
      "CONTAINER_OUT_OF_MEMORY the container of work (img) was ended with exit code 137 because it used more memory than its limit (--memory=2m); its last line on stderr: loading",
    );
    assert.match(failureOf({ exitCode: 137, outOfMemory: true }, ""), /more memory than it was given$/);
  });

  it("and that succeeds has succeeded; killed by somebody else it was not out of memory", () => {
    assert.equal(failureOf({ exitCode: 0, outOfMemory: true }, "x"), "succeeded");
    assert.match(failureOf({ exitCode: 137 }, "x"), /^CONTAINER_FAILED .*exit code 137 \(SIGKILL\): x$/);
  });

  it("may have been so unnoticed where it was killed and has a limit", () => {
    const limit = ["--memory=2m"];
    assert.match(failureOf({ exitCode: 137 }, "x", limit), /137 \(SIGKILL, perhaps for its limit --memory=2m\): x$/);
    assert.match(failureOf({ exitCode: 143 }, "x", limit), /143 \(SIGTERM\): x$/);
  });
});
