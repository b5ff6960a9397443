import type { ReactNode } from "react";
import { api } from "../../api/api.ts";
import { useLoad } from "../../api/use-load.ts";
import { ActionButton } from "../../parts/action/action-button.tsx";
import { curlLine } from "../../parts/command/command-line.ts";
import { ProblemNote } from "../../parts/problem.tsx";
import { PageSkeleton } from "../../parts/skeleton.tsx";

/** The services that workflows and live runs name, and how they are. */
export function ServicesPage(): ReactNode {
  const { value, thrown, reload } = useLoad("services", (signal) => api.call("get", "/api/v1/services", { signal }));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <PageSkeleton />;
  const probe = async (): Promise<void> => {
    await api.call("post", "/api/v1/services/probe", { body: {} });
    reload();
  };
  return (
    <div className="page">
      <div className="row">
        <h1 className="grow">Services</h1>
        <ActionButton label="Probe now" role="operator" command={curlLine("POST", "/services/probe", {})} act={probe} />
      </div>
      <ul>
        {value.services.map(({ name, address, status }) => (
          <li key={address}>
            {name} {address} {status}
          </li>
        ))}
      </ul>
    </div>
  );
}
