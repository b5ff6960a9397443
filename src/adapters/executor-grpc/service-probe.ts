import type { Finding } from "../../engine/finding.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { ServiceProbe, ServiceReport, ServiceStatus } from "../../ports/services.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { restrictSecrets } from "../../workflow/policy/restrict-secrets.ts";
import { createServiceChannels } from "./channels.ts";
import { type CheckTools, checkService, type ServiceCheck } from "./check-service.ts";
import { createGuard } from "./guard.ts";
import { type HealthStream, openHealthStream } from "./health-stream.ts";
import { readServiceMetadata } from "./metadata.ts";

export interface ServiceProbeOptions {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly policy?: HostPolicy;
  /** For tests that cannot wait. */
  readonly pace?: Partial<Pace>;
}

/** How often a service is looked at. */
interface Pace {
  /** Where it does not tell by itself. */
  readonly pollMs: number;
  /** Where it does: a peer that hangs tells nothing. */
  readonly calmMs: number;
  /** At most so often, whatever it tells. */
  readonly leastMs: number;
}

const PACE: Pace = { pollMs: 3000, calmMs: 15_000, leastMs: 250 };

const TIMEOUT_MS = 5000;

/** Looks at services by connections of its own, which end with each look, or with the watch. */
export function createServiceProbe({ clock, policy, ...options }: ServiceProbeOptions): ServiceProbe {
  const secrets = restrictSecrets(options.secrets, policy);
  const pace = { ...PACE, ...options.pace };
  const guard = policy === undefined ? {} : { guard: createGuard(policy) };

  async function withTools<T>(use: (tools: CheckTools) => Promise<T>): Promise<T> {
    const channels = createServiceChannels({ clock, userAgent: "busbar grpc-node", ...guard });
    try {
      return await use({ channels, secrets, clock });
    } finally {
      channels.close();
    }
  }

  return {
    check: (service, signal) =>
      withTools(async (tools) => {
        const check = await checkService(tools, service, { timeoutMs: TIMEOUT_MS, tellUnchecked: true, signal });
        signal.throwIfAborted();
        return reportOf(check);
      }),
    follow: (service, onReport, signal) => withTools((tools) => follow(tools, pace, service, onReport, signal)),
  };
}

async function follow(
  tools: CheckTools,
  pace: Pace,
  service: Service,
  onReport: (report: ServiceReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const [end, news] = [createAlarm(tools.clock), createAlarm(tools.clock)];
  const onEnd = (): void => {
    end.ring();
    news.ring();
  };
  signal.addEventListener("abort", onEnd, { once: true });
  let known: ServiceReport | undefined;
  let stream: HealthStream | undefined;
  let mayStream = service.health !== "off";
  while (!signal.aborted) {
    const knowsContract: boolean = known?.contract === "ok";
    const options = { timeoutMs: TIMEOUT_MS, tellUnchecked: true, knowsContract, signal };
    news.reset();
    known = reportOf(await checkService(tools, service, options));
    if (signal.aborted) break;
    onReport(known);
    await end.wait(pace.leastMs);
    if (stream?.hasEnded === true) {
      mayStream = !stream.isRefused;
      stream = undefined;
    }
    if (signal.aborted) break;
    const isUp = known.status === "serving" || known.status === "not_serving";
    if (stream === undefined && mayStream && isUp) {
      const { metadata } = readServiceMetadata(service, tools.secrets);
      stream = openHealthStream(tools.channels.of(service), metadata, news.ring);
    }
    stream?.listen();
    await news.wait(stream === undefined ? pace.pollMs : pace.calmMs);
  }
  await stream?.cancel();
}

/** What ends a wait early: word from the service, or the end of it all. */
interface Alarm {
  ring(): void;
  /** What rang before is not heard any more. */
  reset(): void;
  /** Until the time is over, or it rings, or has rung. */
  wait(ms: number): Promise<void>;
}

function createAlarm(clock: Clock): Alarm {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wake?.();
    },
    reset() {
      hasRung = false;
    },
    wait(ms) {
      if (hasRung) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(ms, () => wake?.());
        wake = () => {
          wake = undefined;
          cancel();
          resolve();
        };
      });
    },
  };
}

function reportOf({ findings, answerMs, hasContract }: ServiceCheck): ServiceReport {
  const isWrong = findings.some(({ code, severity }) => code === "SERVICE_WRONG_CONTRACT" && severity === "error");
  return {
    status: statusOf(findings, answerMs !== undefined),
    contract: isWrong ? "wrong" : hasContract ? "ok" : "unchecked",
    ...(answerMs === undefined ? {} : { latencyMs: answerMs }),
    findings,
  };
}

/** What says that no conversation of gRPC came about, beside that nothing was answered. */
const UNREACHABLE: readonly Finding["code"][] = ["SERVICE_WRONG_PROTOCOL", "SERVICE_SILENT"];
/** What leaves open whether it takes calls. */
const UNCLEAR: readonly Finding["code"][] = ["SERVICE_CHECK_FAILED", "SERVICE_NO_HEALTH"];

function statusOf(findings: readonly Finding[], hasAnswered: boolean): ServiceStatus {
  const errors = findings.flatMap(({ code, severity }) => (severity === "error" ? [code] : []));
  if (errors.includes("SERVICE_NOT_SERVING")) return "not_serving";
  if (!hasAnswered || errors.some((code) => UNREACHABLE.includes(code))) return "unreachable";
  return findings.some(({ code }) => UNCLEAR.includes(code)) ? "unknown" : "serving";
}
