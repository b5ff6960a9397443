import { createAdmin } from "../../adapters/restate/admin.ts";
import { examineRestate } from "../../adapters/restate/examination.ts";
import { createHttpTools, send } from "../../adapters/restate/http.ts";
import { notRestate, readListed } from "../../adapters/restate/not-restate.ts";
import { toErrorInfo } from "../../kernel/errors.ts";
import type { Check } from "../../ports/checks.ts";
import { type ClusterPlace, readClusterPlace } from "../cluster.ts";
import type { Shared } from "../shared.ts";
import { BUSBAR_VERSION } from "../version.ts";
import { checkCluster } from "./cluster.ts";

/** Everything that can be checked of a cluster, without changing it. @throws BusbarError USAGE */
export async function examineCluster(place: ClusterPlace, { clock }: Pick<Shared, "clock">): Promise<readonly Check[]> {
  const { ingress, admin } = readClusterPlace(place);
  const http = createHttpTools(clock);
  try {
    const state = examineRestate(createAdmin(admin, http), http).then(
      (found) => checkCluster(found, BUSBAR_VERSION),
      (thrown: unknown): readonly Check[] => [wrong(thrown)],
    );
    return [await checkIngress(`${ingress}/restate/health`, ingress), ...(await state)];
  } finally {
    http.close();
  }

  async function checkIngress(url: string, at: string): Promise<Check> {
    try {
      const answer = await send(http, { url });
      const { status } = answer;
      if (status === 404) throw notRestate("ingress", answer);
      const ok = status === 200;
      if (ok) readListed("ingress", answer, "services");
      return {
        check: "cluster",
        ok,
        message: ok ? `the ingress at ${at} is healthy` : `the ingress at ${at} answers ${status}`,
      };
    } catch (thrown) {
      return wrong(thrown);
    }
  }
}

function wrong(thrown: unknown): Check {
  const { code, message } = toErrorInfo(thrown);
  return { check: "cluster", ok: false, message: `${code}: ${message}` };
}
