import type { Admin } from "./admin.ts";
import type { Ingress } from "./ingress.ts";
import { RUN_OBJECT } from "./names.ts";
import { selectHeads, selectUnderWay } from "./stored-runs.ts";
import type { AdmitInput, DisplaceInput, StoredHead } from "./wire.ts";

/** How the runs of a server stand, and what it tells their drives of its queue. */
export function createUnfinishedRuns(ingress: Ingress, admin: Admin) {
  const call = <T>(runId: string, handler: string, input?: unknown): Promise<T> =>
    ingress.call<T>({ service: RUN_OBJECT, key: runId, handler }, input);
  return {
    readHead: (runId: string) => call<StoredHead | null>(runId, "head"),
    isUnderWay: async (invocation: string) => (await ingress.outputOf(invocation)).kind === "under_way",
    async listUnderWay() {
      const found = await selectHeads(admin, { origin: "server", ended: false }, undefined, undefined);
      const read = found.flatMap((one) => ("head" in one ? [[one.runId, one.head] as const] : []));
      const underWay = await selectUnderWay(
        admin,
        read.map(([, { invocation }]) => invocation),
      );
      return read.filter(([, { invocation }]) => underWay.has(invocation));
    },
    admit: (runId: string, input: AdmitInput) => call<void>(runId, "admit", input),
    displace: (runId: string, input: DisplaceInput) => call<void>(runId, "displace", input),
  };
}
