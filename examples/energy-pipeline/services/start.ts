// Starts the three services, or some of them, in this process.
import {
  createDataRoot,
  type DataRoot,
  type Execute,
  type RunningService,
  type ServeOptions,
  type ServiceLog,
  serve,
} from "../../../src/service/index.ts";
import { createAnalyzer } from "./analyzer.ts";
import { createGenerator } from "./generator.ts";
import { createReporter } from "./reporter.ts";

export interface ServiceKind {
  readonly name: string;
  /** How failure messages name it. */
  readonly label: string;
  readonly create: (root: DataRoot) => Execute;
  /** What it reads and writes where nothing else is said, so that each reads what the one before wrote. */
  readonly files: { readonly input: string; readonly output: string };
}

/** In the order of their ports: 50051, 50052, 50053 by convention. */
export const KINDS: readonly ServiceKind[] = [
  {
    name: "energy-generator",
    label: "Generator",
    create: createGenerator,
    files: { input: "placeholder_input.txt", output: "energy_data.csv" },
  },
  {
    name: "energy-analyzer",
    label: "Analyzer",
    create: createAnalyzer,
    files: { input: "energy_data.csv", output: "analysis_output.pb" },
  },
  {
    name: "report-generator",
    label: "Reporter",
    create: createReporter,
    files: { input: "analysis_output.pb", output: "energy_report.csv" },
  },
];

export const SERVICE_NAMES: readonly string[] = KINDS.map((kind) => kind.name);

export interface StartOptions {
  /** The one folder the services read and write; made if it is not there. */
  readonly dataRoot: string;
  /** The first of three ports in a row; 0 takes free ones. */
  readonly portBase: number;
  readonly host?: string;
  /** Which to start; all if left out. */
  readonly names?: readonly string[];
  readonly log?: (service: string) => ServiceLog;
  readonly signals?: ServeOptions["signals"];
}

/** The words of the original. */
export function describeFailure(kind: ServiceKind, reason: string): string {
  return `[${kind.label}] Failed to execute: ${reason}`;
}

export function startService(
  kind: ServiceKind,
  root: DataRoot,
  options: Omit<ServeOptions, "name" | "execute" | "describeFailure">,
): Promise<RunningService> {
  return serve({
    ...options,
    name: kind.name,
    execute: kind.create(root),
    describeFailure: (reason) => describeFailure(kind, reason),
  });
}

/** Either all of them run, or none and the reason is thrown. */
export async function startServices(options: StartOptions): Promise<readonly RunningService[]> {
  const root = await createDataRoot(options.dataRoot);
  const wanted = KINDS.filter((kind) => (options.names ?? SERVICE_NAMES).includes(kind.name));
  const started = await Promise.allSettled(
    wanted.map((kind) =>
      startService(kind, root, {
        port: options.portBase === 0 ? 0 : options.portBase + KINDS.indexOf(kind),
        ...(options.host === undefined ? {} : { host: options.host }),
        ...(options.log === undefined ? {} : { log: options.log(kind.name) }),
        ...(options.signals === undefined ? {} : { signals: options.signals }),
      }),
    ),
  );
  const running = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const refused = started.find((result) => result.status === "rejected");
  if (refused === undefined) return running;
  await Promise.all(running.map((service) => service.close(0)));
  throw refused.reason;
}
