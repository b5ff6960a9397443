import { quote } from "../../tree/raw.ts";
import { entryToAllow } from "./allow.ts";
import { isAbsolute, plainPath, powerOfPath } from "./host-paths.ts";
import { judgeMount, judgeVolume } from "./judge-mounts.ts";
import { canonicalOption, type Judgement, type OptionValue } from "./judgement.ts";
import { letterOf } from "./option-names.ts";
import { applyOptionRules, type OptionRules, unlessFalse } from "./option-rules.ts";
import { powerOfOption } from "./powers.ts";
import { problemOfWord } from "./word.ts";

const READS_ITSELF = "Busbar keeps what the container prints by itself (busbar logs)";
const WRITES_FILE = "Busbar finds its containers by their labels";
const HAS_LOGGED_IN = "the engine's client knows how to log in";
const NO_TERMINAL = "there is no terminal";
const NO_FILES = "the container gets no open files of Busbar's";
const STARTS_AGAIN = "Busbar starts it again itself, where retry says so";
const NOT_ABSOLUTE = "the path must be absolute";

/** What cannot work under Busbar, and why. What to do is to leave it out, unless `INSTEAD` says more. */
const IMPOSSIBLE: OptionRules = {
  detach: unlessFalse("Busbar waits for the container"),
  tty: unlessFalse(NO_TERMINAL),
  rm: (value) => (value === "false" ? "Busbar removes the container once its outcome is recorded" : undefined),
  restart: { unless: /^(?:no)?$/, why: STARTS_AGAIN },
  attach: READS_ITSELF,
  "sig-proxy": "Busbar stops the container itself",
  "detach-keys": NO_TERMINAL,
  help: unlessFalse("this is for people"),
  cidfile: WRITES_FILE,
  pidfile: WRITES_FILE,
  "conmon-pidfile": WRITES_FILE,
  "pod-id-file": WRITES_FILE,
  label: (value) => (/^\s*busbar\./i.test(value) ? "labels that begin with busbar. are Busbar's own" : undefined),
  "log-driver": {
    unless: /^(?:json-file|local|journald|k8s-file)$/,
    why: "Busbar could not read what it printed after a crash",
  },
  "log-opt": {
    unless: /^(?:max-size|max-file|tag|labels|labels-regex|env|env-regex|compress|mode|max-buffer-size)=/,
    why: "Busbar does not know this option of a log",
  },
  name: {
    unless: /^[A-Za-z0-9][A-Za-z0-9_.-]+$/,
    why: "a name has letters, digits, _ . and - and begins with a letter or digit",
  },
  env: { unless: /^[^=\s*]+(?:=|$)/, why: "it names no variable: NAME=VALUE, or NAME for Busbar's own" },
  "env-file": problemOfFile,
  "label-file": problemOfFile,
  replace: unlessFalse("Busbar sees to it that a node has one container"),
  rmi: unlessFalse("another run may need the image"),
  rootfs: unlessFalse("Busbar runs images only"),
  "preserve-fd": NO_FILES,
  "preserve-fds": NO_FILES,
  "init-ctr": "a node is a container of its own",
  requires: "Busbar says itself what waits for what",
  sdnotify: "Busbar waits for the container itself",
  "health-log-destination": "it writes to a folder of the machine",
  "health-on-failure": { unless: /^(?:none|kill|stop)$/, why: STARTS_AGAIN },
  authfile: HAS_LOGGED_IN,
  creds: HAS_LOGGED_IN,
  "cert-dir": HAS_LOGGED_IN,
  "decryption-key": "Busbar hands no keys to the engine",
  "signature-policy": "Busbar hands no policies to the engine",
};

/** Left out of the command: Busbar does the same itself, or nobody would notice the difference. */
const DROPPED = new Set(["detach", "tty", "interactive", "rm", "restart", "quiet", "help", "replace", "rmi", "rootfs"]);

/** @param name the long name, without dashes */
export function judgeOption(name: string, value: OptionValue, allow: readonly string[]): Judgement {
  const text = String(value);
  const unpassable = problemOfWord(text);
  if (unpassable !== undefined) return { invalid: `--${name} ${unpassable}` };
  if (name === "volume") return judgeVolume(text, allow);
  if (name === "mount") return judgeMount(text, allow);
  const problem = applyOptionRules(IMPOSSIBLE, name, text);
  const written = value === true ? `--${name}` : `--${name} ${quote(text)}`;
  if (problem !== undefined) return { invalid: `${written} is not possible here: ${problem}`, remedy: insteadOf(name) };
  const filePower = FILES.includes(name) ? powerOfPath(text, allow) : undefined;
  const power = filePower ?? powerOfOption(name, text);
  const entry = filePower === undefined ? entryToAllow(name, value, allow) : plainPath(text);
  if (power !== undefined && entry !== undefined) {
    return { power: `${written} is not allowed: ${power}`, entry };
  }
  return { option: DROPPED.has(name) ? undefined : canonicalOption(name, value) };
}

/** The client reads these; what is in them reaches the container. */
const FILES = ["env-file", "label-file"];

function problemOfFile(path: string): string | undefined {
  return isAbsolute(path) ? undefined : NOT_ABSOLUTE;
}

/** What to do about an option that is not possible, or not with its value. */
function insteadOf(name: string): string {
  const letter = letterOf(name);
  return INSTEAD[name] ?? `Leave --${name}${letter === undefined ? "" : ` (-${letter})`} out.`;
}

const LOG_IN = "Leave it out, and log in beforehand with the engine's own login.";
const PULL = "Leave it out, and pull the image beforehand.";
const RETRY = "Leave it out; retry: { retryable_exit_codes: [1] } at the node makes another attempt.";
const FULL_PATH = "Write the full path, from the root.";

const INSTEAD: { readonly [name: string]: string } = {
  restart: RETRY,
  "health-on-failure": RETRY,
  requires: "Leave it out, and write depends_on at the node.",
  "init-ctr": "Leave it out, and make a node of its own of it.",
  rootfs: "Leave it out, and name an image.",
  name: "Choose a name of such characters, or leave --name out: Busbar gives one.",
  label: "Choose another name for the label.",
  env: "Write -e NAME=VALUE, or -e NAME for a variable of Busbar's own.",
  "env-file": FULL_PATH,
  "label-file": FULL_PATH,
  authfile: LOG_IN,
  creds: LOG_IN,
  "cert-dir": LOG_IN,
  "decryption-key": PULL,
  "signature-policy": PULL,
};
