// What containers say that clients say, too. The clients are scripts: no engine is needed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Outcome } from "../../ports/executor.ts";
import type { AttemptLog } from "../../ports/run-logs.ts";
import { createDockerAttempts } from "../../testing/docker/attempts.ts";
import { createFakeClient, FAKE_ID, inspectedText } from "../../testing/docker/fake-client.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;

interface Ended {
  readonly outcome: Outcome;
  /** Of the container, in the order in which it was written. */
  readonly written: string;
  /** What is Busbar's in the log, without the command. */
  readonly notes: string;
}

/**
 * @param start what the container and its client do
 * @param logs what the engine has of it
 */
async function run(start: string, logs: string, exitCode: number): Promise<Ended> {
  const client = createFakeClient(`
create) echo ${FAKE_ID};;
start) ${start};;
logs) ${logs};;
container) echo '${inspectedText({ Status: "exited", ExitCode: exitCode })}';;`);
  const executor = createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(() => undefined) });
  let written = "";
  let notes = "";
  const log: AttemptLog = {
    write(stream, chunk) {
      if (stream === "busbar") notes += chunk;
      else written += Buffer.from(chunk).toString();
    },
    restart: () => undefined,
    end: () => undefined,
  };
  const request = { program: client.program, options: [] };
  try {
    const outcome = await executor.execute(
      createDockerAttempts("x").attempt("", { request, openLog: () => log }),
      NEVER,
    );
    await executor.close?.();
    return { outcome, written, notes: notes.replace(/^.*\n/, "") };
  } finally {
    client.remove();
  }
}

describe("a container that says what clients say", () => {
  const lines = [
    "ConnectionRefusedError: [Errno 111] Connection refused",
    "Error: dial tcp 127.0.0.1:5432: connect: connection refused",
    "Error: unexpected EOF",
    "zlib.error: unexpected EOF",
  ];
  for (const line of lines) {
    it(`has its last line in the log, once, and in the error: ${line}`, async () => {
      const say = `printf 'Traceback\\n${line}\\n' >&2`;
      const { outcome, written, notes } = await run(`${say}; exit 1`, say, 1);
      assert.equal(written, `Traceback\n${line}\n`);
      assert.ok(outcome.outcome === "failed" && outcome.error.message.endsWith(`ended with exit code 1: ${line}`));
      assert.equal(notes, "");
    });

    it(`has it, too, where the client ends by itself, and is read again: ${line}`, async () => {
      const say = `printf 'Traceback\\n${line}\\n' >&2`;
      const { outcome, written, notes } = await run("kill -9 $$", say, 1);
      assert.equal(written, `Traceback\n${line}\n`);
      assert.ok(outcome.outcome === "failed" && outcome.error.message.endsWith(`ended with exit code 1: ${line}`));
      assert.equal(notes, "");
    });
  }

  for (const said of ["", "one\n", "EOF\n"]) {
    it(`is not taken for its client, whose last words are Busbar's in the log, after ${JSON.stringify(said)}`, async () => {
      const clients = "error waiting for container: unexpected EOF";
      const { outcome, written, notes } = await run(
        `printf '${said}' >&2; echo '${clients}' >&2; exit 1`,
        `printf '${said}' >&2; echo more`,
        1,
      );
      assert.equal(written, `${said}more\n`);
      assert.doesNotMatch(JSON.stringify(outcome), /waiting/);
      assert.equal(notes, `docker start: ${clients}\n`);
    });
  }

  it("has nothing in its log of what podman says where it is called docker", async () => {
    const notice = "echo 'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.' >&2";
    for (const say of ["echo one >&2", "printf Emulate >&2", "true"]) {
      const { written, notes } = await run(`${notice}; ${say}; exit 1`, `${notice}; ${say}`, 1);
      assert.equal(written, { "echo one >&2": "one\n", "printf Emulate >&2": "Emulate", true: "" }[say]);
      assert.equal(notes, "");
    }
    assert.equal((await run("printf Emulate >&2; exit 1", "printf Emulate >&2", 1)).written, "Emulate");
  });

  it("has what it says in order where it goes on with its other stream", async () => {
    const say = "echo 'Error: one' >&2; sleep 0.3; echo two; sleep 0.1; echo 'Error: three' >&2; sleep 0.3; echo four";
    const { written } = await run(say, say, 0);
    assert.equal(written, "Error: one\ntwo\nError: three\nfour\n");
  });
});
