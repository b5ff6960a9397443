import type { Clock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import { escapeUnseen } from "../../kernel/text.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { Executor } from "../../ports/executor.ts";
import type { ServiceProbe, ServiceReport, ServiceView, ServiceWatch } from "../../ports/services.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { NamedServices } from "./named-services.ts";
import { addressOf, isBound, keyOfService, type ServiceEntry, viewOfService } from "./service-entries.ts";

export interface ServiceWatchOptions {
  readonly probe: ServiceProbe;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "mask">;
  /** Those of the stored workflows, as they are now. */
  readonly named: () => Promise<readonly NamedServices[]>;
  /** For tests that cannot wait: how long a service has to be needed before it is watched, and is watched after that. */
  readonly pace?: { readonly afterMs: number; readonly lingerMs: number };
}

/** The watch of a server, which is told of runs and calls. */
export interface ServerServiceWatch extends ServiceWatch {
  /** A run goes on here that needs these. @returns to be called when it has ended */
  use(services: Iterable<Service>): () => void;
  /** The executor, whose calls are counted. */
  around(executor: Executor): Executor;
  close(): Promise<void>;
}

/** Runs are over sooner, mostly, and then nobody needs to know. Services of one run after another stay watched. */
const PACE = { afterMs: 1000, lingerMs: 5000 };

/** Each has a connection. Where more are needed, the others are looked at when somebody asks. */
const MAX_WATCHED = 100;
/** What is remembered of services that no run needs. */
const MAX_KEPT = 1000;
const MAX_LOOKS = 8;

export function createServiceWatch(options: ServiceWatchOptions): ServerServiceWatch {
  const { probe, clock, secrets, named: readNamed, pace = PACE } = options;
  const entries = new Map<string, ServiceEntry>();
  const closing = new AbortController();
  const following = new Set<Promise<void>>();
  const timers = new Set<() => void>();
  let watched = 0;

  function entryOf(service: Service): ServiceEntry {
    const key = keyOfService(service);
    const known = entries.get(key);
    if (known !== undefined) return known;
    if (entries.size >= MAX_KEPT) forgetUnused();
    const entry: ServiceEntry = { service, runs: 0, inFlight: 0 };
    entries.set(key, entry);
    return entry;
  }

  function forgetUnused(): void {
    for (const [key, entry] of entries) if (!isInUse(entry)) entries.delete(key);
  }

  function noteReport(entry: ServiceEntry, report: ServiceReport): void {
    entry.report = report;
    entry.checkedAt = timestampOf(clock.now());
    const first = report.findings.find(({ severity }) => severity === "error");
    if (first !== undefined) noteError(entry, { code: first.code, message: first.message });
  }

  function noteError(entry: ServiceEntry, error: ErrorInfo): void {
    entry.lastError = { at: timestampOf(clock.now()), error: { ...error, message: secrets.mask(error.message) } };
  }

  function later(ms: number, callback: () => void): void {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  }

  function watch(entry: ServiceEntry): void {
    if (entry.runs === 0 || entry.watch !== undefined || closing.signal.aborted || watched >= MAX_WATCHED) return;
    const own = new AbortController();
    const signal = AbortSignal.any([own.signal, closing.signal]);
    entry.watch = { end: () => own.abort() };
    watched += 1;
    const done = probe
      .follow(entry.service, (report) => noteReport(entry, report), signal)
      .catch((thrown: unknown) => noteError(entry, { code: "INTERNAL", message: String(thrown) }))
      .then(() => {
        delete entry.watch;
        watched -= 1;
        following.delete(done);
        watchWaiting();
      });
    following.add(done);
  }

  /** Somebody else's turn. */
  function watchWaiting(): void {
    for (const entry of entries.values()) watch(entry);
  }

  function use(services: Iterable<Service>): () => void {
    const used = [...services].filter(isBound).map(entryOf);
    for (const entry of used) {
      entry.runs += 1;
      if (entry.runs === 1) later(pace.afterMs, () => watch(entry));
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const entry of used) {
        entry.runs -= 1;
        if (entry.runs === 0 && entry.watch !== undefined) later(pace.lingerMs, () => endUnused(entry));
      }
    };
  }

  function endUnused(entry: ServiceEntry): void {
    if (entry.runs === 0) entry.watch?.end();
  }

  function around(executor: Executor): Executor {
    return {
      ...executor,
      async execute(attempt, signal) {
        const entry = attempt.service === undefined ? undefined : entryOf(attempt.service);
        if (entry === undefined) return executor.execute(attempt, signal);
        entry.inFlight += 1;
        try {
          const outcome = await executor.execute(attempt, signal);
          if (outcome.outcome === "failed" || outcome.outcome === "timed_out") noteError(entry, outcome.error);
          return outcome;
        } finally {
          entry.inFlight -= 1;
        }
      },
    };
  }

  /** Those that are named, with the workflows that name them; then those of runs alone. */
  async function allServices(): Promise<ReadonlyMap<ServiceEntry, readonly string[]>> {
    const named = new Map<string, { readonly service: Service; readonly by: string[] }>();
    for (const { workflow, services } of await readNamed()) {
      for (const service of services) {
        const key = keyOfService(service);
        const one = named.get(key) ?? { service, by: [] };
        named.set(key, one);
        one.by.push(workflow);
      }
    }
    const all = new Map<ServiceEntry, readonly string[]>();
    for (const [key, { service, by }] of named) all.set(entries.get(key) ?? { service, runs: 0, inFlight: 0 }, by);
    for (const entry of entries.values()) if (isInUse(entry) && !all.has(entry)) all.set(entry, []);
    return all;
  }

  function look(entry: ServiceEntry): Promise<void> {
    const kept = entryOf(entry.service);
    kept.looking ??= probe
      .check(kept.service, closing.signal)
      .then((report) => noteReport(kept, report))
      .finally(() => delete kept.looking);
    return kept.looking;
  }

  async function list(): Promise<readonly ServiceView[]> {
    const all = await allServices();
    return [...all].map(([entry, by]) => viewOfService(entry, by)).sort(byNameAndAddress);
  }

  return {
    list,
    async probe(address, signal) {
      signal?.throwIfAborted();
      const all = [...(await allServices()).keys()];
      const meant = address === undefined ? all : all.filter(({ service }) => addressOf(service) === address);
      if (address !== undefined && meant.length === 0) throw notNamed(address);
      await atMost(
        MAX_LOOKS,
        meant.filter(({ service }) => isBound(service)),
        async (entry) => {
          signal?.throwIfAborted();
          await look(entry);
        },
      );
      const views = await list();
      return address === undefined ? views : views.filter((view) => view.address === address);
    },
    use,
    around,
    async close() {
      closing.abort(new BusbarError("RUN_LEFT", "this server is being closed"));
      for (const cancel of timers) cancel();
      timers.clear();
      await Promise.all([...following]);
    },
  };
}

function isInUse({ runs, inFlight, watch, looking }: ServiceEntry): boolean {
  return runs > 0 || inFlight > 0 || watch !== undefined || looking !== undefined;
}

function byNameAndAddress(a: ServiceView, b: ServiceView): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.address < b.address ? -1 : a.address > b.address ? 1 : 0;
}

function notNamed(address: string): BusbarError {
  return new BusbarError("ADDRESS_NOT_NAMED", `no workflow names a service at ${quoteWord(escapeUnseen(address))}`);
}

/** So many at once. */
async function atMost<T>(limit: number, items: readonly T[], handle: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) await handle(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
