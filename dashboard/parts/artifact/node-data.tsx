import type { ReactNode } from "react";
import type { NodeState } from "../../../src/engine/state.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { CopyButton } from "../command/copy-button.tsx";
import { JsonTree } from "../json/json-tree.tsx";
import { Artifact } from "./artifact.tsx";
import "./node-data.css";

interface NodeDataProps {
  readonly runId: string;
  /** As it is at the instant that is shown. */
  readonly node: NodeState;
  /** That instant is not now. */
  readonly isPast: boolean;
}

/** What a node was asked, what it answered, and the file that it has made. */
export function NodeData({ runId, node, isPast }: NodeDataProps): ReactNode {
  return (
    <div className="node-data">
      <NodeValue title="Input" value={node.request} none={noInput(node)} />
      <NodeValue title="Output" value={node.output} none={noOutput(node, isPast)} />
      <section>
        <h3>File</h3>
        {fileOf(node) === undefined ? (
          <p className="quiet">This node names no file as its output.</p>
        ) : node.status === "succeeded" ? (
          <Artifact key={`${runId}/${node.id}`} runId={runId} nodeId={node.id} />
        ) : (
          <p className="quiet">
            {isPast ? "At this moment it had made no file." : "It has made no file: only a node that succeeded has."}
          </p>
        )}
      </section>
    </div>
  );
}

function NodeValue(props: { readonly title: string; readonly value: Json | undefined; readonly none: string }) {
  const { title, value, none } = props;
  return (
    <section>
      <div className="row">
        <h3 className="grow">{title}</h3>
        {value === undefined ? null : (
          <CopyButton what={title.toLowerCase()} text={JSON.stringify(value, undefined, 2)} />
        )}
      </div>
      {value === undefined ? <p className="quiet">{none}</p> : <JsonTree label={title} value={value} />}
    </section>
  );
}

function noInput({ reusedFrom }: NodeState): string {
  return reusedFrom === undefined
    ? "It has not been called."
    : `It was not called: its output is that of ${reusedFrom}.`;
}

function noOutput({ status, error }: NodeState, isPast: boolean): string {
  if (status === "succeeded") return "It answered nothing but that it succeeded.";
  // Its answer is its error.
  if (error?.code === "NODE_REPORTED_FAILURE") return error.message;
  return isPast ? "At this moment it had answered nothing." : "It has answered nothing.";
}

/** What its request names as output; where another run made it, that run knows. */
function fileOf({ request, reusedFrom }: NodeState): string | undefined {
  if (reusedFrom !== undefined) return reusedFrom;
  if (typeof request !== "object" || request === null || !("output_file" in request)) return undefined;
  return typeof request.output_file === "string" ? request.output_file : undefined;
}
