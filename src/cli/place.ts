import type { Invocation } from "./command.ts";
import type { Values } from "./values.ts";

/** Where runs are, as the command line says it: what a command that is to be typed next has to say as well. */
export interface GivenPlace {
  readonly stateDir?: string | undefined;
  readonly server?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** Of a command with PLACE_OPTIONS. */
export function givenPlaceOf(values: Values): GivenPlace {
  return { stateDir: values.text("state-dir"), server: values.text("server"), tokenFile: values.text("token-file") };
}

/**
 * The server whose runs a command is about, if it is one: --server, then BUSBAR_SERVER, unless --state-dir says where
 * they are.
 */
export function serverOf({ values, io }: Pick<Invocation, "values" | "io">): string | undefined {
  const given = values.text("server");
  if (given !== undefined || values.text("state-dir") !== undefined) return given;
  const fromEnv = io.env("BUSBAR_SERVER");
  return fromEnv === "" ? undefined : fromEnv;
}
