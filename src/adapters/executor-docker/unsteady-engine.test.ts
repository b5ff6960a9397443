// An engine that fails for a moment while its containers are there. The clients are scripts: no engine is needed.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { createDockerAttempts } from "../../testing/docker/attempts.ts";
import { createFakeClient, FAKE_ID, type FakeClient, inspectedText } from "../../testing/docker/fake-client.ts";
import { createSystemClock } from "../system/clock.ts";
import { inspectContainer, listContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";
import { createDockerExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const tools: EngineTools = {
  clock: createSystemClock(),
  secrets: createSecrets(() => undefined),
  env: { PATH: process.env.PATH },
};
const FAILURES = ["Error: database is locked", "Error response from daemon: server misbehaving (500)"];

describe("an engine that fails for a moment", () => {
  let client: FakeClient;
  afterEach(() => client.remove());
  const failing = (failure: string): string => `echo '[]'; echo '${failure}' >&2; exit 125`;
  /** An arm that fails so many times before it does what it should. */
  const failingTimes = (count: number, then: string): string =>
    `echo x >>"$DIR/asked"; if [ $(wc -l <"$DIR/asked") -le ${count} ]; then ${failing(FAILURES[0] ?? "")}; fi; ${then}`;

  for (const failure of FAILURES) {
    it(`has not said that a container is not there: ${failure}`, async () => {
      client = createFakeClient(`container) ${failing(failure)};;\nps) echo ${FAKE_ID};;`);
      assert.equal((await inspectContainer(tools, client.program, FAKE_ID)).found, "no engine");
      const listed = await listContainers(tools, client.program, "busbar.run", 300);
      assert.ok(!listed.answered && listed.answer.stderr.includes(failure));
    });
  }

  for (const words of [
    "Error response from daemon: No such container: x",
    "Error: No such container: x",
    "Error: no such container x",
    "Error: inspecting object: no such object: x",
    'Error: no container with name or ID "x" found: no such container',
  ]) {
    it(`has none where it says so: ${words}`, async () => {
      client = createFakeClient(`container) ${failing(words)};;`);
      assert.equal((await inspectContainer(tools, client.program, "x")).found, "nothing");
    });
  }

  it("lists those that it does not lose meanwhile, and waits for those that it still lists", async () => {
    const gone = "f".repeat(64);
    client = createFakeClient(`
ps) echo ${FAKE_ID}; [ -e "$DIR/asked" ] || echo ${gone};;
container) touch "$DIR/asked"; echo '${inspectedText({ Status: "running" })}'; exit 1;;`);
    const listed = await listContainers(tools, client.program, "busbar.run");
    assert.deepEqual(listed.answered && listed.containers.map(({ id }) => id), [FAKE_ID]);
    client.remove();
    client = createFakeClient(
      `ps) echo ${FAKE_ID};;\ncontainer) ${failingTimes(3, `echo '${inspectedText({ Status: "running" })}'`)};;`,
    );
    const later = await listContainers(tools, client.program, "busbar.run");
    assert.deepEqual(later.answered && later.containers.map(({ id }) => id), [FAKE_ID]);
  });

  it("does not end the watch over a container that is there", async () => {
    const exited = inspectedText({ Status: "exited", ExitCode: 3 });
    client = createFakeClient(`
create) echo ${FAKE_ID};;
start) echo one; exit 3;;
logs) echo one;;
container) ${failingTimes(3, `echo '${exited}'`)};;`);
    const executor = createDockerExecutor(tools);
    const attempt = createDockerAttempts("x").attempt("", { request: { program: client.program, options: [] } });
    const outcome = await executor.execute(attempt, NEVER);
    assert.equal(outcome.outcome === "failed" && outcome.error.status, "EXIT_3", JSON.stringify(outcome));
    assert.equal(attempt.log.text("stdout"), "one\n");
  });

  it("costs nothing of the output that is kept where it does not give it again", async () => {
    const attempts = createDockerAttempts("x");
    const { runId } = attempts.attempt("");
    const labels = { "busbar.run": runId, "busbar.node": "work", "busbar.attempt": "1" };
    const exited = inspectedText({ Status: "exited" }, labels);
    client = createFakeClient(`
ps) echo ${FAKE_ID};;
logs) if [ -e "$DIR/given" ]; then echo one; echo two; else echo 'Error response from daemon: open x-json.log: no such file' >&2; exit 1; fi;;
container) echo '${exited}';;`);
    const executor = createDockerExecutor(tools);
    const attempt = attempts.attempt("", { runId, request: { program: client.program, options: [] } });
    attempt.log.write("stdout", "one\n");
    assert.equal((await executor.recover?.(attempt, NEVER))?.found, "outcome");
    assert.equal(attempt.log.text("stdout"), "one\n");
    writeFileSync(join(client.folder, "given"), "");
    assert.equal((await executor.recover?.(attempt, NEVER))?.found, "outcome");
    assert.equal(attempt.log.text("stdout"), "one\ntwo\n");
  });

  it("does not hide a container that runs from the next process, which goes on with it", async () => {
    const attempts = createDockerAttempts("x");
    const { runId } = attempts.attempt("");
    const labels = { "busbar.run": runId, "busbar.node": "work", "busbar.attempt": "1" };
    const running = inspectedText({ Status: "running" }, labels);
    const exited = inspectedText({ Status: "exited" }, labels);
    client = createFakeClient(`
ps) echo ${FAKE_ID};;
logs) touch "$DIR/ended"; echo one;;
rm) touch "$DIR/removed";;
container) ${failingTimes(3, `if [ -e "$DIR/ended" ]; then echo '${exited}'; else echo '${running}'; fi`)};;`);
    const executor = createDockerExecutor(tools);
    const attempt = attempts.attempt("", { runId, request: { program: client.program, options: [] } });
    const recovery = await executor.recover?.(attempt, NEVER);
    assert.ok(recovery?.found === "running", JSON.stringify(recovery));
    assert.equal((await recovery.outcome).outcome, "succeeded");
    assert.equal(attempt.log.text("stdout"), "one\n");
    assert.ok(!existsSync(join(client.folder, "removed")));
  });
});
