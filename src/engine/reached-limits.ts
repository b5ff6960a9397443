import type { Service } from "../workflow/model/service.ts";
import { serviceOf } from "../workflow/node.ts";
import type { Limit } from "./explanation.ts";
import { outstandingAttempt, type RunState } from "./state.ts";

/** The limits of a run, each looked at once however many nodes wait for it. */
export interface ReachedLimits {
  isFull(): boolean;
  /** Whether this run alone holds all slots of the service. */
  isFullOf(service: LimitedService): boolean;
  /** A node waits for a slot of it, whoever holds them. */
  use(service: LimitedService): void;
  /** Those that nodes wait for. */
  used(): readonly Limit[];
}

export interface LimitedService {
  readonly name: string;
  readonly address: string;
  readonly limit: number;
}

/** The service, if its slots are limited. */
export function limitedService(service: Service | undefined): LimitedService | undefined {
  if (service?.maxConcurrency === undefined) return undefined;
  return { name: service.name, address: String(service.address), limit: service.maxConcurrency };
}

export function createReachedLimits({ workflow, byPosition, counts, epoch }: RunState): ReachedLimits {
  const slots = new Map<string, Limit>();
  const holders = new Map<string, readonly string[]>();
  let isMaxParallelUsed = false;

  /** Attempts of an earlier owner hold no slot in this process. */
  function holdersOf(address: string): readonly string[] {
    const held =
      holders.get(address) ??
      byPosition.flatMap((node) => {
        const isHeld = limitedService(serviceOf(workflow, node.definition))?.address === address;
        return isHeld && outstandingAttempt(node)?.epoch === epoch ? [node.id] : [];
      });
    holders.set(address, held);
    return held;
  }

  return {
    isFull() {
      const isFull = counts.running >= workflow.maxParallel;
      if (isFull) isMaxParallelUsed = true;
      return isFull;
    },
    isFullOf: ({ address, limit }) => holdersOf(address).length >= limit,
    use({ name, address, limit }) {
      slots.set(name, { kind: "slot", service: name, address, limit, held_by: holdersOf(address) });
    },
    used() {
      if (!isMaxParallelUsed) return [...slots.values()];
      const held_by = byPosition.flatMap(({ id, status }) => (status === "running" ? [id] : []));
      return [{ kind: "max_parallel", limit: workflow.maxParallel, held_by }, ...slots.values()];
    },
  };
}
