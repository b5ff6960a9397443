import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One container of a node that was really started, as it told itself. */
export interface Execution {
  readonly nodeId: string;
  /** The short id of its container. */
  readonly container: string;
  /** Undefined while it is at work, and of one that was ended in the middle. */
  exitCode?: number;
  /** Of this node, others were at work when it began. */
  readonly besides: number;
}

/** In the order in which they began. */
export function readExecutions(data: string): readonly Execution[] {
  const executions: Execution[] = [];
  for (const line of readFileSync(join(data, "log"), "utf8").split("\n").slice(0, -1)) {
    const [what, nodeId = "", container = "", code] = line.split(" ");
    const open = executions.filter((one) => one.nodeId === nodeId && one.exitCode === undefined);
    if (what === "begin") executions.push({ nodeId, container, besides: open.length });
    const ended = open.find((one) => one.container === container);
    if (what === "end" && ended !== undefined) ended.exitCode = Number(code);
  }
  return executions;
}
