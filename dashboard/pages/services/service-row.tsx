import type { ReactNode } from "react";
import { formatDuration } from "../../../src/kernel/durations.ts";
import { asSentence } from "../../../src/kernel/sentences.ts";
import type { ServiceView } from "../../api/shapes.ts";
import { useNow } from "../../live/use-now.ts";
import { describeAgo } from "../../model/ago.ts";
import { ActionButton } from "../../parts/action/action-button.tsx";
import { curlLine } from "../../parts/command/command-line.ts";
import { Link } from "../../parts/link.tsx";
import { Status } from "../../parts/status.tsx";
import { TextWithCode } from "../../parts/text-with-code.tsx";
import { workflowPath } from "../../router.ts";
import { CONTRACT_WORDS, SERVICE_STATUS, type ServiceTrouble, troubleOf } from "./service-words.ts";

const COLUMNS = 8;
/** More names than these are shown when they are asked for. */
const NAMES = 2;

/** One service; what is wrong with it stands below. */
export function ServiceRow({
  service,
  probe,
}: {
  readonly service: ServiceView;
  readonly probe: () => Promise<void>;
}): ReactNode {
  const { name, address, status, contract, latency_ms, in_flight, checked_at, watched, used_by } = service;
  const now = useNow();
  const trouble = troubleOf(service);
  return (
    <tbody className="services-row">
      <tr>
        <td className="services-status">
          <Status status={SERVICE_STATUS[status].status}>{SERVICE_STATUS[status].word}</Status>
        </td>
        <th scope="row" className="services-name">
          <span>{name}</span>
          <span className="mono quiet">{address}</span>
        </th>
        <td className="services-contract" data-label="contract">
          {contract === "wrong" ? <Status status="failed">wrong</Status> : CONTRACT_WORDS[contract]}
        </td>
        <td className="services-number" data-label="latency">
          {latency_ms === undefined ? "-" : formatDuration(latency_ms)}
        </td>
        <td className="services-number" data-label="in flight">
          {in_flight}
        </td>
        <td className="services-users">
          <Users workflows={used_by.workflows} runs={used_by.runs} />
        </td>
        <td className="services-looked quiet">
          {checked_at === undefined ? "never" : describeAgo(checked_at, now)}
          {watched ? <span className="services-watched">watched</span> : null}
        </td>
        <td className="services-probe">
          <ActionButton
            label="Probe now"
            of={name}
            role="operator"
            size="small"
            command={curlLine("POST", "/services/probe", { address })}
            act={probe}
          />
        </td>
      </tr>
      {trouble.length === 0 ? null : (
        <tr className="services-trouble">
          <td />
          <td colSpan={COLUMNS - 1}>
            {trouble.map((each) => (
              <Trouble key={each.message} trouble={each} now={now} />
            ))}
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Trouble({ trouble, now }: { readonly trouble: ServiceTrouble; readonly now: number }): ReactNode {
  const { when, message, code, remedy, at } = trouble;
  return (
    <p className={`services-told services-told-${when}`}>
      {at === undefined ? null : <span>Last error, {describeAgo(at, now)}: </span>}
      {when === "now" ? <b>{asSentence(message)}</b> : asSentence(message)}{" "}
      {when === "now" && remedy !== "" ? (
        <>
          <TextWithCode text={remedy} />{" "}
        </>
      ) : null}
      <span className="mono quiet">{code}</span>
    </p>
  );
}

function Users({ workflows, runs }: ServiceView["used_by"]): ReactNode {
  const links = workflows.map((workflow) => (
    <Link key={workflow} to={workflowPath(workflow)}>
      {workflow}
    </Link>
  ));
  return (
    <>
      {links.length > NAMES ? (
        <details>
          <summary>{links.length} workflows</summary>
          <span className="services-links">{links}</span>
        </details>
      ) : (
        <span className="services-links">{links}</span>
      )}
      {runs === 0 ? null : (
        <span className="quiet">
          {runs} {runs === 1 ? "run" : "runs"} now
        </span>
      )}
    </>
  );
}
