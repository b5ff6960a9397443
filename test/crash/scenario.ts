import type { Random } from "../../src/kernel/random.ts";
import { createSeededRandom } from "../../src/kernel/random.ts";
import { randomWorkflowText } from "../../src/testing/graphs.ts";
import { LIFE_HEADER, type Script } from "./counting-service.ts";

/** A random workflow and how its service behaves: everything follows from the seed. */
export interface Scenario {
  readonly seed: number;
  readonly nodes: number;
  /** Nodes beside one another, and max_parallel > 1. */
  readonly isWide: boolean;
  /** The node whose first round fails, if there is one. */
  readonly broken: string | undefined;
  /** The workflow file. */
  readonly text: string;
  readonly script: Script;
}

export interface ScenarioOptions {
  readonly isWide: boolean;
  readonly address: string;
  /** Whether one node may fail for good. */
  readonly mayFail: boolean;
  /** Makes the file, and with it the journal's WAL, larger by so many bytes. */
  readonly paddingBytes?: number;
}

/** Attempts of a node that may be answered UNAVAILABLE: fewer than max_attempts, so that no node fails by them. */
const MAX_UNAVAILABLE = 2;

export function createScenario(seed: number, options: ScenarioOptions): Scenario {
  const random = createSeededRandom(seed);
  const nodes = between(random, 4, 10);
  const broken = options.mayFail ? `n${between(random, 0, nodes - 1)}` : undefined;
  const shape = options.isWide ? (random.next() < 0.4 ? "fan" : "random") : random.next() < 0.5 ? "chain" : "random";
  const text = randomWorkflowText(random, {
    nodes,
    addresses: [options.address],
    shape,
    edgesPerNode: options.isWide ? 1 : 1.5,
    top: {
      max_parallel: options.isWide ? between(random, 2, 5) : 1,
      on_failure: random.next() < 0.5 ? "stop" : "continue",
    },
    node: { retry: { max_attempts: 4, initial_backoff_seconds: 0.02, backoff_multiplier: 1.5 } },
  });
  return {
    seed,
    nodes,
    isWide: options.isWide,
    broken,
    text: withService(text, options),
    script: scriptOf(seed, broken),
  };
}

/** Lets every process of the run say which one it is, by a header it takes from its environment. */
function withService(text: string, { address, paddingBytes = 0 }: ScenarioOptions): string {
  const file = JSON.parse(text) as { readonly service_registry: object };
  return JSON.stringify({
    ...file,
    ...(paddingBytes === 0 ? {} : { "x-padding": "x".repeat(paddingBytes) }),
    service_registry: { s0: { address, metadata: { [LIFE_HEADER]: "${env.LIFE}" } } },
  });
}

function scriptOf(seed: number, broken: string | undefined): Script {
  return {
    reply(call, nth) {
      const random = createSeededRandom(hash(`${seed}/${call.nodeId}/${nth}`));
      // Some take long, so that others end while they are in flight.
      const delayMs = random.next() < 0.25 ? between(random, 80, 160) : between(random, 15, 70);
      if (nth <= MAX_UNAVAILABLE && random.next() < 0.15) return { kind: "unavailable", delayMs };
      const fails = call.nodeId === broken && call.key.endsWith("/1");
      return { kind: fails ? "failure" : "ok", delayMs };
    },
  };
}

/** A whole number in [low, high]. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random.next() * (high - low + 1));
}

/** FNV-1a: a seed from a text. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
