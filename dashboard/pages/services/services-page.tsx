import type { ReactNode } from "react";
import { api } from "../../api/api.ts";
import type { ServiceView } from "../../api/shapes.ts";
import { useLoad } from "../../api/use-load.ts";
import { useFeedRefresh } from "../../live/use-feed-refresh.ts";
import { usePoll } from "../../live/use-poll.ts";
import { ActionButton } from "../../parts/action/action-button.tsx";
import { curlLine } from "../../parts/command/command-line.ts";
import { Link } from "../../parts/link.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { StatusIcon } from "../../parts/status.tsx";
import { ServiceRow } from "./service-row.tsx";
import { countStatuses, SERVICE_STATUS } from "./service-words.ts";
import "./services-page.css";

/** Services are looked at while runs need them; of what is seen there no feed tells. */
const REFRESH_MS = 5_000;
const ROW_HEIGHT = 63;

/** The services that workflows and live runs name, and how they are. */
export function ServicesPage(): ReactNode {
  const { value, thrown, reload } = useLoad("services", (signal) => api.call("get", "/api/v1/services", { signal }));
  usePoll(reload, REFRESH_MS);
  // A call that begins, ends or fails is seen at once.
  useFeedRefresh(
    async () => reload(),
    (item) => item.kind !== "event" || item.event.type.startsWith("node."),
  );
  const services = value?.services;
  const probe = async (address?: string): Promise<void> => {
    await api.call("post", "/api/v1/services/probe", { body: address === undefined ? {} : { address } });
    reload();
  };
  return (
    <div className="page">
      <div className="row services-head">
        <h1>Services</h1>
        <span className="grow">{services === undefined ? null : <Counts services={services} />}</span>
        <ActionButton
          label="Probe all now"
          role="operator"
          command={curlLine("POST", "/services/probe", {})}
          disabled={services === undefined || services.length === 0}
          act={() => probe()}
        />
      </div>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      {services === undefined ? (
        thrown === undefined && (
          <div role="status" aria-label="Loading">
            <Skeleton height={35 + 4 * ROW_HEIGHT} />
          </div>
        )
      ) : services.length === 0 ? (
        <NoServices />
      ) : (
        <ServiceTable services={services} probe={probe} />
      )}
    </div>
  );
}

function Counts({ services }: { readonly services: readonly ServiceView[] }): ReactNode {
  return (
    <span className="services-counts">
      {countStatuses(services).map(([status, count]) => (
        <span key={status} className={`services-count status-${SERVICE_STATUS[status].status}`}>
          <StatusIcon status={SERVICE_STATUS[status].status} size={14} /> {count} {SERVICE_STATUS[status].word}
        </span>
      ))}
    </span>
  );
}

function ServiceTable({
  services,
  probe,
}: {
  readonly services: readonly ServiceView[];
  readonly probe: (address: string) => Promise<void>;
}): ReactNode {
  return (
    <div className="card services-card">
      <table className="services-table">
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Service</th>
            <th scope="col">Contract</th>
            <th scope="col" className="services-number">
              Latency
            </th>
            <th scope="col" className="services-number">
              In flight
            </th>
            <th scope="col">Used by</th>
            <th scope="col">Looked at</th>
            <th scope="col">
              <span className="unseen">Probe</span>
            </th>
          </tr>
        </thead>
        {services.map((service) => (
          <ServiceRow
            key={`${service.name} ${service.address}`}
            service={service}
            probe={() => probe(service.address)}
          />
        ))}
      </table>
    </div>
  );
}

function NoServices(): ReactNode {
  return (
    <div className="card services-none">
      <p>No workflow of this server names a service yet.</p>
      <p className="quiet">
        They are listed here as soon as one does, under <code>service_registry</code>.{" "}
        <Link to="/workflows">Workflows</Link>
      </p>
    </div>
  );
}
