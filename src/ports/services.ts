import type { Finding } from "../engine/finding.ts";
import type { ErrorInfo } from "../kernel/errors.ts";
import type { Service } from "../workflow/model/service.ts";

/**
 * Whether a service can be called, as far as it was asked.
 *
 * - serving: it answers, and its health says nothing against it.
 * - not_serving: it answers, and its health says that it takes no calls.
 * - unreachable: no conversation of gRPC came about.
 * - unknown: nobody has asked, or its answer says neither.
 */
export type ServiceStatus = "serving" | "not_serving" | "unreachable" | "unknown";

/** Whether it speaks the contract of a pipeline service; `unchecked` where it does not say. */
export type ServiceContract = "ok" | "wrong" | "unchecked";

/** What one look at a service has found. */
export interface ServiceReport {
  readonly status: ServiceStatus;
  readonly contract: ServiceContract;
  /** How long it took to answer, where it did. */
  readonly latencyMs?: number;
  /** In words, what stands behind both. */
  readonly findings: readonly Finding[];
}

/** Looks at services beside the calls that are made to them. */
export interface ServiceProbe {
  /** One look. Rejects only when aborted. @param service bound */
  check(service: Service, signal: AbortSignal): Promise<ServiceReport>;
  /**
   * Looks again and again, at once where the service tells of a change or breaks the connection, until the signal
   * aborts. Then nothing of it is left, and it resolves.
   */
  follow(service: Service, onReport: (report: ServiceReport) => void, signal: AbortSignal): Promise<void>;
}

/**
 * The services that stored workflows and live runs name.
 *
 * W1  A service is watched as long as a run goes on here that needs it, so that one that goes down is seen before its
 *     next call fails; others are looked at when somebody asks.
 * W2  Nothing is looked at but what workflows name, and nothing that the host's policy does not allow.
 * W3  What it holds and opens is bounded; it ends with the runs.
 */
export interface ServiceWatch {
  list(): Promise<readonly ServiceView[]>;
  /**
   * Looks now, and says what is so.
   * @param address of services that are listed; all of them if left out
   * @throws BusbarError ADDRESS_NOT_NAMED; the signal's reason
   */
  probe(address?: string, signal?: AbortSignal): Promise<readonly ServiceView[]>;
}

/** A service as lists show it; in `--json` output and in the API, hence snake_case. */
export interface ServiceView {
  /** As files name it. */
  readonly name: string;
  /** With its references, where params of a run decide it. */
  readonly address: string;
  readonly status: ServiceStatus;
  readonly contract: ServiceContract;
  readonly latency_ms?: number;
  /** Calls that are under way from here. */
  readonly in_flight: number;
  /** Of a look or of a call. */
  readonly last_error?: { readonly at: string; readonly error: ErrorInfo };
  /** RFC 3339; absent as long as nobody has looked. */
  readonly checked_at?: string;
  readonly findings: readonly Finding[];
  /** Whether it is being watched. */
  readonly watched: boolean;
  readonly used_by: {
    /** Names of stored workflows. */
    readonly workflows: readonly string[];
    /** Of the runs that go on here, so many. */
    readonly runs: number;
  };
}
