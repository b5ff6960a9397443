import { createSeededRandom, type Random } from "../../../src/kernel/random.ts";
import { randomWorkflowText } from "../../../src/testing/graphs.ts";
import { between } from "../scenario.ts";

/** What the container of a node does. */
export interface Work {
  readonly seconds: number;
  /** It waits until it is let go. */
  readonly isLong: boolean;
  /** Its first so many executions fail with `exitCode`. */
  readonly failures: number;
  readonly exitCode: number;
  /** on_lost: fail */
  readonly mayNotBeLost: boolean;
}

/** A random workflow of docker nodes: everything follows from the seed. */
export interface Scenario {
  /** The workflow file. */
  readonly text: string;
  readonly works: ReadonlyMap<string, Work>;
}

export interface ScenarioOptions {
  readonly isWide: boolean;
  /** The first container waits to be let go. */
  readonly isLong: boolean;
  readonly image: string;
  /** The folder of this machine that all containers have as /data; `log` is in it. */
  readonly data: string;
}

/** Which the files list as retryable, and which they do not. */
const AGAIN = 75;
const BROKEN = 3;

export function createScenario(seed: number, options: ScenarioOptions): Scenario {
  const random = createSeededRandom(seed);
  const nodes = between(random, 4, 5);
  const text = randomWorkflowText(random, {
    nodes,
    addresses: ["unused"],
    shape: options.isWide ? "fan" : "chain",
    top: { max_parallel: options.isWide ? between(random, 2, 5) : 1 },
  });
  const { service_registry: _, containers, ...rest } = JSON.parse(text) as RandomFile;
  const works = drawWorks(random, nodes, options.isLong ? rest.start_node : []);
  const nodesOf = Object.entries(containers).map(([id, { next_node, depends_on }]) => {
    return [id, { next_node, depends_on, ...nodeOf(id, works.get(id) as Work, options) }] as const;
  });
  return { text: JSON.stringify({ ...rest, containers: Object.fromEntries(nodesOf) }), works };
}

/** The part of it that docker nodes have as well. */
interface RandomFile {
  readonly service_registry: object;
  readonly start_node: readonly string[];
  readonly containers: { readonly [id: string]: { readonly next_node?: unknown; readonly depends_on?: unknown } };
}

function drawWorks(random: Random, nodes: number, long: readonly string[]): ReadonlyMap<string, Work> {
  const pick = (): number => between(random, 0, nodes - 1);
  const [again, broken, kept] = [pick(), pick(), pick()];
  const [hasAgain, hasBroken, hasKept] = [random.next() < 0.7, random.next() < 0.2, random.next() < 0.4];
  const works = Array.from({ length: nodes }, (_, index): Work => {
    const isAgain = hasAgain && index === again;
    const isBroken = hasBroken && index === broken && !isAgain;
    return {
      seconds: between(random, 2, 8) / 10,
      isLong: long.includes(`n${index}`),
      failures: isAgain ? between(random, 1, 2) : isBroken ? 1 : 0,
      exitCode: isAgain ? AGAIN : isBroken ? BROKEN : 0,
      mayNotBeLost: hasKept && index === kept,
    };
  });
  return new Map(works.map((work, index) => [`n${index}`, work]));
}

function nodeOf(id: string, work: Work, { image, data }: ScenarioOptions): object {
  return {
    executor: "docker",
    timeout_seconds: 120,
    retry: { max_attempts: 4, initial_backoff_seconds: 0.05, retryable_exit_codes: [AGAIN] },
    ...(work.mayNotBeLost ? { on_lost: "fail" } : {}),
    docker: { image, args: ["sh", "-c", scriptOf(id, work)], volumes: [`${data}:/data`], network: "none" },
  };
}

/** Lines between the first and the last on stdout. */
const LINES = 30;

/** One line of the log in the mounted folder when it begins, and one when it ends. */
function scriptOf(id: string, { seconds, isLong, failures, exitCode }: Work): string {
  return [
    "c=$(hostname)",
    `n=$(grep -c '^begin ${id} ' /data/log)`,
    `echo "begin ${id} $c" >>/data/log`,
    `echo "${id} first $c"`,
    `echo "${id} aside $c" >&2`,
    `seq ${LINES}`,
    `sleep ${seconds}`,
    // Not for ever, should nobody be there any more.
    ...(isLong ? ["i=0; until [ -e /data/go ] || [ $i -gt 900 ]; do sleep 0.1; i=$((i+1)); done"] : []),
    `code=0; [ $n -lt ${failures} ] && code=${exitCode}`,
    `echo "${id} last $c"`,
    `echo "end ${id} $c $code" >>/data/log`,
    "exit $code",
  ].join("; ");
}

/** What the container `c` of a node writes. */
export function outputOf(
  id: string,
  c: string,
): { readonly stdout: readonly string[]; readonly stderr: readonly string[] } {
  const numbers = Array.from({ length: LINES }, (_, index) => String(index + 1));
  return { stdout: [`${id} first ${c}`, ...numbers, `${id} last ${c}`], stderr: [`${id} aside ${c}`] };
}
