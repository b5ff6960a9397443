import type { Admin } from "../../adapters/restate/admin.ts";
import { selectSize } from "../../adapters/restate/changes.ts";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../adapters/restate/names.ts";
import type { DeleteInput, StoredHead } from "../../adapters/restate/wire.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Retention } from "../../ports/retention.ts";

/** Forgets runs of a cluster. Whose logs are to go is known to this process alone, until it has said that they are gone. */
export function createClusterRetention(ingress: Ingress, admin: Admin): Retention {
  const unswept = new Set<string>();
  return {
    async prune(runId, at) {
      // Asked behind a drive, it would wait for the end of that.
      const head = await ingress.call<StoredHead | null>({ service: RUN_OBJECT, key: runId, handler: "head" });
      if (head === null || !isTerminalRun(head.summary.status)) return false;
      const target = { service: RUN_OBJECT, key: runId, handler: "delete" };
      const isGone = await ingress.call<boolean>(target, { at, epoch: head.epoch } satisfies DeleteInput);
      if (isGone) unswept.add(runId);
      return isGone;
    },
    readSize: (runId) => selectSize(admin, runId),
    readUnswept: async () => [...unswept],
    async noteSwept(runIds) {
      for (const runId of runIds) unswept.delete(runId);
    },
    // Restate does so by itself.
    async giveBack() {},
  };
}
