import { describeCaller } from "../app/caller.ts";
import { BusbarError } from "../kernel/errors.ts";
import { asSentence } from "../kernel/sentences.ts";
import type { RerunOptions } from "../ports/runtime.ts";
import { readParams, readParamsOver } from "../workflow/params.ts";
import type { Invocation } from "./command.ts";
import { driveAtServer } from "./drive-at-server.ts";
import type { State } from "./state.ts";
import { STDIN } from "./stdin.ts";
import { splitParam } from "./workflow-input.ts";

/** Whether what is given as a workflow at a server is one that the server has: files say by their ends what they are. */
export function isStoredName(argument: string): boolean {
  return argument !== STDIN && !/\.(?:json|ya?ml)$/i.test(argument);
}

/**
 * Runs a workflow that a server has, by its name.
 * @returns the exit code
 */
export function runStored(invocation: Invocation, url: string, state: State, name: string): Promise<number> {
  const { values } = invocation;
  const pairs = values.list("param").map(splitParam);
  const runId = values.text("run-id");
  return driveAtServer(invocation, url, state, async (server, preflight) => {
    const { definitionHash, nodes, ...declared } = await server.readStored(name);
    // The server says itself why a broken file cannot be run.
    const params = definitionHash === undefined ? undefined : readParams(declared, pairs);
    if (params?.ok === false) throw refusal(params.error);
    const started = await server.startStored({
      ...{ name, ...preflight },
      ...(params === undefined ? {} : { params: params.value }),
      ...(definitionHash === undefined ? {} : { definitionHash }),
      ...(runId === undefined ? {} : { runId }),
    });
    return { ...started, nodes };
  });
}

/**
 * Goes on with a run with a workflow that the server has, by its name.
 * @returns the exit code
 */
export function resumeStored(invocation: Invocation, url: string, state: State, name: string): Promise<number> {
  return driveAtServer(invocation, url, state, async (server, preflight) => {
    const runId = await server.resolve(invocation.values.positional(0) ?? "");
    const { before } = await server.resumeStored(runId, { name }, { by: describeCaller(), ...preflight });
    return {
      runId,
      afterSeq: before.last_seq,
      nodes: before.nodes.map(({ id, status, attempts }) => ({ id, status, attempts: attempts.length })),
    };
  });
}

/**
 * Makes a new run of another, with a workflow that the server has, by its name.
 * @returns the exit code
 */
export function rerunStored(
  invocation: Invocation,
  url: string,
  state: State,
  { name, ...options }: Omit<RerunOptions, "definition" | "params"> & { readonly name: string },
): Promise<number> {
  const pairs = invocation.values.list("param").map(splitParam);
  return driveAtServer(invocation, url, state, async (server, preflight) => {
    const source = await server.resolve(invocation.values.positional(0) ?? "");
    const { definitionHash, nodes, ...declared } = await server.readStored(name);
    if (definitionHash === undefined) {
      // The server says itself why a broken file cannot be run.
      return { ...(await server.rerunStored(source, { name }, options)), nodes };
    }
    const params = readParamsOver(declared, pairs, (await server.get(source)).params);
    if (!params.ok) throw refusal(params.error);
    const made = await server.rerunStored(
      source,
      { name, definitionHash },
      { ...options, params: params.value, ...preflight },
    );
    return { ...made, nodes };
  });
}

type Problems = Extract<ReturnType<typeof readParams>, { ok: false }>["error"];

function refusal(problems: Problems): BusbarError {
  const message = problems.map(({ message, remedy = "" }) => `${asSentence(message)} ${remedy}`.trim()).join(" ");
  return new BusbarError(problems[0]?.code ?? "PARAM_INVALID", message);
}
