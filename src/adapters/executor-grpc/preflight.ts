import type { Finding } from "../../engine/finding.ts";
import { pause } from "../../kernel/pause.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { Service } from "../../workflow/model/service.ts";
import { type CheckTools, checkService } from "./check-service.ts";

/** What a service that is still starting may look like. */
const MAY_PASS: readonly Finding["code"][] = [
  "SERVICE_UNREACHABLE",
  "SERVICE_UNKNOWN_NAME",
  "SERVICE_NOT_SERVING",
  "SERVICE_SILENT",
];
/** And where it was hung up before a word was said: by what forwards connections to it. */
const MAY_PASS_HUNG_UP: readonly Finding["code"][] = [...MAY_PASS, "SERVICE_WRONG_PROTOCOL", "SERVICE_TLS"];
const FIRST_PAUSE_MS = 200;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 2000;

/**
 * Checks services side by side. All findings at once, in the order of the services.
 * @throws the signal's reason, when aborted
 */
export async function preflightServices(
  tools: CheckTools,
  services: readonly Service[],
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  signal.throwIfAborted();
  const started = tools.clock.monotonic();
  const findings = await Promise.all(
    services.map((service) => checkUntilReady(tools, service, options, started, signal)),
  );
  return findings.flat();
}

async function checkUntilReady(
  tools: CheckTools,
  service: Service,
  options: PreflightOptions,
  started: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  let pauseMs = FIRST_PAUSE_MS;
  let told = "";
  for (;;) {
    const { timeoutMs, tellUnchecked = false } = options;
    const { findings, isHungUp } = await checkService(tools, service, { timeoutMs, tellUnchecked, signal });
    signal.throwIfAborted();
    const leftMs = started + options.waitMs - tools.clock.monotonic();
    const errors = findings.filter((finding) => finding.severity === "error");
    // Waiting does not help a service that has anything else wrong as well.
    const mayPass = isHungUp ? MAY_PASS_HUNG_UP : MAY_PASS;
    if (leftMs <= 0 || errors.length === 0 || !errors.every((one) => mayPass.includes(one.code))) return findings;
    const kinds = errors.map(({ code }) => code).join();
    if (kinds !== told) options.onWaiting?.(errors);
    told = kinds;
    await pause(tools.clock, Math.min(pauseMs, leftMs), signal);
    signal.throwIfAborted();
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, LONGEST_PAUSE_MS);
  }
}
