import type { ReactNode } from "react";
import { api } from "../../api/api.ts";
import { mayAct, useSession } from "../../api/session.ts";
import { useLoad } from "../../api/use-load.ts";
import { AuditLog } from "./audit/audit-log.tsx";
import { SystemFacts } from "./facts/system-facts.tsx";
import { nameOf } from "./tokens/token-name.ts";
import { Tokens } from "./tokens/tokens.tsx";
import "./system-page.css";

/** The server itself: its process, who may use it, and who did what. */
export function SystemPage(): ReactNode {
  const mayManage = mayAct(useSession(), "admin");
  const tokens = useLoad(mayManage ? "tokens" : "no tokens", async (signal) =>
    mayManage ? (await api.call("get", "/api/v1/tokens", { signal })).tokens : undefined,
  );
  return (
    <div className="page">
      <h1>System</h1>
      <SystemFacts />
      <Tokens loaded={tokens} />
      <AuditLog nameOf={(id) => nameOf(tokens.value, id)} />
    </div>
  );
}
