import { BusbarError } from "../kernel/errors.ts";
import { asSentence } from "../kernel/sentences.ts";
import { readParams } from "../workflow/params.ts";
import type { Invocation } from "./command.ts";
import { driveAtServer } from "./drive-at-server.ts";
import type { State } from "./state.ts";
import { STDIN } from "./stdin.ts";
import { splitParam } from "./workflow-input.ts";

/** Whether what `run` is to run at a server is a workflow that the server has: files say by their ends what they are. */
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

type Problems = Extract<ReturnType<typeof readParams>, { ok: false }>["error"];

function refusal(problems: Problems): BusbarError {
  const message = problems.map(({ message, remedy = "" }) => `${asSentence(message)} ${remedy}`.trim()).join(" ");
  return new BusbarError(problems[0]?.code ?? "PARAM_INVALID", message);
}
