import { BusbarError } from "../kernel/errors.ts";
import type { PreflightOptions } from "../ports/executor.ts";
import type { Invocation, Option, Positional } from "./command.ts";
import { placeOf, RUNTIMES } from "./place.ts";
import type { Values } from "./values.ts";

/** Every command that reads a workflow. */
export const FILE_POSITIONAL: Positional = {
  name: "FILE",
  about:
    "a workflow file: .json, .yaml or .yml; - reads it from stdin, as JSON where it begins with { or [, else as YAML",
};

/** Every command that is about one run. */
export const RUN_POSITIONAL: Positional = {
  name: "RUN",
  about: "the run's id, the beginning of it that no other run has, or last: the newest run",
};

export const STATE_OPTIONS: readonly Option[] = [
  {
    name: "state-dir",
    value: "DIR",
    about: "where runs are recorded (default: $BUSBAR_STATE_DIR, or .busbar in this directory)",
  },
  {
    name: "allow-remote-state",
    about: "accept a state directory on a network file system, where locks and fsync cannot be trusted",
  },
];

/** Every command that can be about a cluster. */
export const CLUSTER_OPTIONS: readonly Option[] = [
  {
    name: "runtime",
    value: "RUNTIME",
    choices: RUNTIMES,
    about:
      "what drives the runs: this machine, or the workers of a cluster on Restate (default: $BUSBAR_RUNTIME, or local)",
  },
  { name: "ingress", value: "URL", about: "of Restate, for a cluster: http://restate:8080 (default: $BUSBAR_INGRESS)" },
  {
    name: "admin",
    value: "URL",
    about: "of Restate's admin API, for a cluster: http://restate:9070 (default: $BUSBAR_ADMIN)",
  },
];

/** Of commands that show what containers on a cluster have written. */
export const LOGS_DIR_OPTION: Option = {
  name: "logs-dir",
  value: "DIR",
  about: "of a cluster: the folder that its workers were given as --logs-dir (default: $BUSBAR_LOGS_DIR)",
};

/** Every command that finds runs in a state directory, at a server that has one, or on a cluster. */
export const PLACE_OPTIONS: readonly Option[] = [
  ...STATE_OPTIONS,
  {
    name: "server",
    value: "URL",
    about: "runs of the `busbar serve` there, instead of those of a directory (default: $BUSBAR_SERVER)",
  },
  {
    name: "token-file",
    value: "FILE",
    about: "the token for the server (default: $BUSBAR_TOKEN; of a server on this machine, its own in --state-dir)",
  },
  ...CLUSTER_OPTIONS,
];

export const JSON_OPTION: Option = { name: "json", about: "print JSON on stdout, and nothing else there" };

export const PARAM_OPTION: Option = {
  name: "param",
  value: "NAME=VALUE",
  multiple: true,
  about: "a parameter of the workflow; repeat for more",
};

export const POLICY_OPTION: Option = {
  name: "policy",
  value: "FILE",
  about:
    "a host's policy (JSON): refuse what it does not list, as a server with it would; `busbar schema --policy` says what it may hold",
};

export const PREFLIGHT_OPTIONS: readonly Option[] = [
  { name: "preflight-timeout", value: "SECONDS", about: "how long the check of all services may take (default: 5)" },
  { name: "wait-for-services", value: "SECONDS", about: "keep trying services that are not there yet (default: 0)" },
];

/**
 * What PREFLIGHT_OPTIONS say.
 * @param say tells people, on stderr, for what is waited
 */
export function preflightOf(values: Values, say: (text: string) => void): PreflightOptions {
  return {
    timeoutMs: values.milliseconds("preflight-timeout", 5),
    waitMs: values.milliseconds("wait-for-services", 0),
    onWaiting: (findings) => {
      for (const { message } of findings) say(`waiting: ${message}`);
    },
  };
}

const DETACH_OPTION: Option = {
  name: "detach",
  about:
    "return once the run is recorded, and print its id; the run goes on in the background, also after a logout. " +
    "`busbar watch RUN` shows it; what it would say on stderr is in the log file",
};

/**
 * Whether this process is asked for a run that another one drives in the background, and is not that other itself. At a
 * server and on a cluster every run is in the background.
 */
export function isToBeDetached(invocation: Invocation): boolean {
  const { values, handover } = invocation;
  return values.flag("detach") && handover === undefined && placeOf(invocation).is === "directory";
}

/** @throws BusbarError USAGE for options that show a run which is not shown */
export function refuseShown(values: Values): void {
  const useless = values.flag("json") ? "--json" : values.text("log-format") === undefined ? undefined : "--log-format";
  if (useless === undefined) return;
  throw new BusbarError("USAGE", `${useless} shows a run, and --detach does not: give it to \`busbar watch\` instead`);
}

/** What commands take that show how a run goes and ends. */
export const SCREEN_OPTIONS: readonly Option[] = [
  {
    name: "log-format",
    value: "FORMAT",
    choices: ["human", "json"],
    about: "what stderr shows while a run goes: lines for people, or JSON lines for a log collector (default: human)",
  },
  { name: "no-next", about: "do not say what to type next: for programs that call this one" },
];

/** Every command that drives a run, whatever run it is. */
export const DRIVE_OPTIONS: readonly Option[] = [
  { ...JSON_OPTION, about: "one event a line on stdout as JSON, and nothing else there" },
  { name: "no-preflight", about: "do not check services, images and mounts first" },
  ...PREFLIGHT_OPTIONS,
  POLICY_OPTION,
  ...SCREEN_OPTIONS,
  DETACH_OPTION,
  ...PLACE_OPTIONS,
];

/** Every command takes these. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: "no-color", about: "no colours (NO_COLOR in the environment does the same)" },
  { name: "help", about: "show this text" },
];
