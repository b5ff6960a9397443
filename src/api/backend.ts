import type { Clock } from "../kernel/clock.ts";
import type { AuditLog, TokenStore } from "../ports/access.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Dashboard } from "../ports/dashboard.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Outcomes } from "../ports/run-outcomes.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { ServiceWatch } from "../ports/services.ts";
import type { ReadSystem } from "../ports/system.ts";
import type { WorkflowLibrary } from "../ports/workflow-library.ts";
import type { WorkflowStats } from "../ports/workflow-stats.ts";

/** What the API serves: runs through their port, and what a server has around them. */
export interface Backend {
  readonly runs: Runtime;
  readonly countRuns: Outcomes["countRuns"];
  /** Deletes a run that has ended, with its logs; false where it has not ended, or ended a moment ago. */
  readonly deleteRun: (runId: string) => Promise<boolean>;
  /** The workflows that it has, to be started by their names. */
  readonly workflows: WorkflowLibrary;
  /** What became of their runs. */
  readonly stats: WorkflowStats;
  /** Who may use the server. */
  readonly tokens: TokenStore;
  /** Who did what. */
  readonly audit: AuditLog;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly onTrouble: (trouble: unknown) => void;
  /** What nodes have made. */
  readonly artifacts: Artifacts;
  readonly dashboard: Dashboard;
  readonly services: ServiceWatch;
  readonly metrics: Metrics;
  readonly system: ReadSystem;
  readonly version: string;
  /** Whether interrupted runs have been looked for, so that requests find what they should. */
  readonly isReady: () => boolean;
  /** Whether the run is about to be taken up, if nobody drives it. */
  readonly isTakenUp: (runId: string) => boolean;
}
