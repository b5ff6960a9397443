import type { Clock } from "../../kernel/clock.ts";
import { pause } from "../../kernel/pause.ts";
import type { Runtime } from "../../ports/runtime.ts";
import { createConnection, type ServerPlace } from "./connection.ts";
import { createRemoteControl } from "./control.ts";
import { AWAY_MS, createPatience } from "./patience.ts";
import { createRemoteReads } from "./reads.ts";
import { createStoredReads, type StoredWorkflows } from "./stored-workflows.ts";
import type { RemoteTools } from "./tools.ts";

export interface RemoteRuntimeOptions {
  readonly server: ServerPlace;
  readonly clock: Clock;
  /** How long a server that was there may be away before whoever waits for it is told. */
  readonly awayMs?: number;
  /** Told when the server is away, which is survived for as long. */
  readonly onTrouble?: (trouble: unknown) => void;
}

/** Runs that a server drives. */
export interface RemoteRuntime extends Runtime, StoredWorkflows {
  /** Ends what is being watched. Runs go on. */
  close(): void;
}

/** Speaks to a server as to a runtime of this process. Nothing is sent before it is first asked. */
export async function createRemoteRuntime(options: RemoteRuntimeOptions): Promise<RemoteRuntime> {
  const { server, clock, awayMs = AWAY_MS, onTrouble = () => undefined } = options;
  const connection = await createConnection(server, clock);
  const pauseWhileOpen: RemoteTools["pause"] = (ms, signal) => pause(clock, ms, signal, connection.closed);
  const tools: RemoteTools = {
    connection,
    createPatience: () => createPatience({ connection, clock, pause: pauseWhileOpen, awayMs, onTrouble }),
    pause: pauseWhileOpen,
  };
  return {
    ...createRemoteReads(tools),
    ...createRemoteControl(tools),
    ...createStoredReads(tools),
    close: connection.close,
  };
}
