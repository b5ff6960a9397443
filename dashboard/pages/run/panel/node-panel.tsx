import { type ReactNode, useState } from "react";
import { isNotCalled } from "../../../model/not-called.ts";
import { NodeData } from "../../../parts/artifact/node-data.tsx";
import { Status } from "../../../parts/status.tsx";
import { Tabs } from "../../../parts/tabs/tabs.tsx";
import { AttemptsTab } from "./attempts/attempts-tab.tsx";
import { NodeLogs } from "./logs/node-logs.tsx";
import { OverviewTab } from "./overview/overview-tab.tsx";
import type { NodePanelProps, PanelTabProps } from "./panel-props.ts";
import { usePanelFocus } from "./use-panel-focus.ts";
import "./node-panel.css";

const PANEL_TABS = ["overview", "attempts", "logs", "data"] as const;
type PanelTab = (typeof PANEL_TABS)[number];

/** All that there is to know of one node. */
export function NodePanel(props: NodePanelProps): ReactNode {
  const { state, nodeId, onClose } = props;
  const [tab, setTab] = useState<PanelTab>(PANEL_TABS[0]);
  const [logOf, setLogOf] = useState<LogChoice>();
  const node = state.nodes.get(nodeId);
  const { panel, heading } = usePanelFocus(nodeId);
  return (
    <aside ref={panel} className="card panel" aria-label={`Node ${nodeId}`}>
      <div className="panel-head">
        {node === undefined ? null : (
          <Status status={node.status}>{isNotCalled(node.status, state) ? "not called" : node.status}</Status>
        )}
        <h2 ref={heading} tabIndex={-1} title={nodeId}>
          {nodeId}
        </h2>
        <button
          type="button"
          className="panel-close"
          aria-label="Close the node panel"
          aria-keyshortcuts="Escape"
          onClick={onClose}
        >
          ✕
        </button>
      </div>
      {node === undefined ? (
        <p className="panel-none">This run has no node of that name.</p>
      ) : (
        <>
          <Tabs label="About the node" id="panel" tabs={PANEL_TABS} selected={tab} onSelect={setTab} />
          <div
            role="tabpanel"
            id="panel-body"
            aria-labelledby={`panel-tab-${tab}`}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled with keys
            tabIndex={0}
            className={`panel-body panel-body-${tab}`}
          >
            <PanelContent
              key={nodeId}
              tab={tab}
              {...props}
              node={node}
              log={logOf?.nodeId === nodeId ? logOf.attempt : undefined}
              onShowLog={(attempt) => {
                setLogOf({ nodeId, attempt });
                setTab("logs");
              }}
              onShowData={() => setTab("data")}
            />
          </div>
        </>
      )}
    </aside>
  );
}

/** Whose log was asked for, and of which attempt. */
interface LogChoice {
  readonly nodeId: string;
  readonly attempt: number | undefined;
}

interface PanelContentProps extends PanelTabProps {
  readonly tab: PanelTab;
  /** The attempt whose log was asked for. */
  readonly log: number | undefined;
}

function PanelContent({ tab, log, ...props }: PanelContentProps): ReactNode {
  switch (tab) {
    case "overview":
      return <OverviewTab {...props} />;
    case "attempts":
      return <AttemptsTab {...props} />;
    case "logs":
      return <NodeLogs run={props.run} node={props.node} at={props.at} isPast={props.isPast} attempt={log} />;
    case "data":
      return <NodeData runId={props.run.run_id} node={props.node} isPast={props.isPast} />;
  }
}
