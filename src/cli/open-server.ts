import { readFileSync } from "node:fs";
import { type OpenRemote, openRemote } from "../app/remote.ts";
import { describeFailure } from "../kernel/describe-failure.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { Invocation } from "./command.ts";
import { describeTrouble, stateOf } from "./state.ts";

/**
 * Opens the server that a command speaks to, with the token that was given for it.
 * @param warn tells people of what is survived
 * @throws BusbarError USAGE
 */
export async function openServerOf(
  invocation: Invocation,
  url: string,
  warn: (text: string) => void = (text) => invocation.io.err.write(`${text}\n`),
): Promise<OpenRemote> {
  const { values } = invocation;
  const refuse = (option: string, why: string): never => {
    throw new BusbarError("USAGE", `--${option} says nothing to a server: ${why}`);
  };
  if (values.flag("allow-remote-state")) refuse("allow-remote-state", "it has its state directory open already");
  const token = readToken(invocation);
  const { stateDir, shared } = stateOf(invocation);
  const remote = await openRemote({
    ...{ url, stateDir, clock: shared.clock, proxyEnv: process.env },
    ...(token === undefined ? {} : { token }),
    onTrouble: (trouble) => warn(`${describeTrouble(trouble)}; trying again`),
  });
  if (values.text("state-dir") !== undefined && !remote.isOnThisMachine) {
    refuse("state-dir", `where runs are recorded is the affair of ${url}`);
  }
  return remote;
}

/** --token-file, then BUSBAR_TOKEN. */
function readToken({ values, secrets }: Invocation): string | undefined {
  const path = values.text("token-file");
  if (path === undefined) return nonEmpty(secrets.read("BUSBAR_TOKEN"));
  try {
    const token = nonEmpty(readFileSync(path, "utf8"));
    if (token !== undefined) return token;
  } catch (cause) {
    throw new BusbarError("USAGE", `--token-file ${path} cannot be read: ${describeFailure(cause)}`, { cause });
  }
  throw new BusbarError("USAGE", `--token-file ${path} is empty`);
}

function nonEmpty(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}
