import { type Admin, createAdmin } from "../../adapters/restate/admin.ts";
import { examineRestate } from "../../adapters/restate/examination.ts";
import { createHttpTools, send } from "../../adapters/restate/http.ts";
import { createIngress, type Ingress } from "../../adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../adapters/restate/names.ts";
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
    const api = createAdmin(admin, http);
    const state = examineRestate(api, http).then(
      (found) => checkCluster(found, BUSBAR_VERSION, admin),
      (thrown: unknown): readonly Check[] => [wrong(thrown)],
    );
    const reached = await checkIngress(`${ingress}/restate/health`, ingress);
    const same = reached.ok ? await checkSame(api, createIngress(ingress, http)) : [];
    return [reached, ...same, ...(await state)];
  } finally {
    http.close();
  }

  async function checkIngress(url: string, at: string): Promise<Check> {
    try {
      const answer = await send(http, { of: "ingress", url });
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

/** Both addresses may be well, and of two clusters: then lists are of one, and whatever is started is of the other. */
async function checkSame(admin: Admin, ingress: Ingress): Promise<readonly Check[]> {
  try {
    const [drive] = await admin.query(
      `SELECT id FROM sys_invocation_status WHERE target_service_name = '${RUN_OBJECT}' AND target_handler_name = 'drive' ` +
        "ORDER BY created_at DESC LIMIT 1",
    );
    if (drive === undefined || (await ingress.outputOf(String(drive.id))).kind !== "unknown") return [];
    const message =
      `the ingress at ${ingress.url} does not know the newest run that the admin API at ${admin.url} tells of: they are ` +
      "of two clusters; mend --ingress (BUSBAR_INGRESS) or --admin (BUSBAR_ADMIN)";
    return [{ check: "cluster", ok: false, message }];
  } catch {
    // What does not answer is told of by the other checks.
    return [];
  }
}

function wrong(thrown: unknown): Check {
  const { code, message } = toErrorInfo(thrown);
  return { check: "cluster", ok: false, message: `${code}: ${message}` };
}
