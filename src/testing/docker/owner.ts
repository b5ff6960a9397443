// A process of its own for tests of recovery: executes the attempt that it is sent, passes on what its
// container writes to stdout, and lives on until it is killed.
import { createDockerExecutor } from "../../adapters/executor-docker/executor.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Attempt } from "../../ports/executor.ts";

const executor = createDockerExecutor({
  clock: createSystemClock(),
  secrets: createSecrets((name) => process.env[name]),
});

process.on("message", async (attempt: Attempt) => {
  const openLog: Attempt["openLog"] = () => ({
    write: (stream, chunk) => void (stream === "stdout" && process.send?.({ wrote: String(chunk) })),
    restart: () => undefined,
    end: () => undefined,
  });
  const outcome = await executor.execute({ ...attempt, openLog }, new AbortController().signal);
  process.send?.({ outcome });
});
