// A client program of an engine that there is not: a shell script, for what no engine can be brought to do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FakeClient {
  /** Where the script is; `$DIR` in it. */
  readonly folder: string;
  /** Its path, named like the engine. */
  readonly program: string;
  remove(): void;
}

export const FAKE_ID = "0123456789abcdef".repeat(4);

/** @param arms what it does, by its first argument: `case` arms of sh */
export function createFakeClient(arms: string, name = "docker"): FakeClient {
  const folder = mkdtempSync(join(tmpdir(), "busbar-fake-client-"));
  const program = join(folder, name);
  const script = `#!/bin/sh\nDIR='${folder}'\ncase "$1" in\n${arms}\n*) exit 0;;\nesac\n`;
  writeFileSync(program, script, { mode: 0o755 });
  return { folder, program, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What `inspect` prints of the one container. */
export function inspectedText(
  state: { readonly Status: string; readonly ExitCode?: number },
  labels: { readonly [name: string]: string } = {},
): string {
  const StartedAt = new Date(Date.now() - 1000).toISOString();
  return JSON.stringify([
    {
      Id: FAKE_ID,
      Config: { Labels: labels },
      HostConfig: { LogConfig: { Type: "json-file" } },
      State: { ExitCode: 0, OOMKilled: false, StartedAt, ...state },
    },
  ]);
}
