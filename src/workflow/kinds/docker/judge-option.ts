import { quote } from "../../tree/raw.ts";
import { entryToAllow } from "./allow.ts";
import { isAbsolute, plainPath, powerOfPath } from "./host-paths.ts";
import { judgeMount, judgeVolume } from "./judge-mounts.ts";
import { canonicalOption, type Judgement, type OptionValue } from "./judgement.ts";
import { applyOptionRules, type OptionRules, unlessFalse } from "./option-rules.ts";
import { powerOfOption } from "./powers.ts";
import { problemOfWord } from "./word.ts";

const READS_ITSELF = "Busbar keeps what the container prints by itself (busbar logs); leave it out";
const WRITES_FILE = "Busbar finds its containers by their labels; leave it out";
const LOG_IN = "log in beforehand with the engine's own login";

/** What cannot work under Busbar, and why. */
const IMPOSSIBLE: OptionRules = {
  detach: unlessFalse("Busbar waits for the container; leave it out"),
  tty: unlessFalse("there is no terminal; leave it out"),
  rm: (value) =>
    value === "false" ? "Busbar removes the container once its outcome is recorded; leave it out" : undefined,
  restart: { unless: /^(?:no)?$/, why: "Busbar starts it again itself: retry: { retryable_exit_codes: [1] }" },
  attach: READS_ITSELF,
  "sig-proxy": "Busbar stops the container itself; leave it out",
  "detach-keys": "there is no terminal; leave it out",
  help: unlessFalse("this is for people; leave it out"),
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
  replace: unlessFalse("Busbar sees to it that a node has one container; leave it out"),
  rmi: unlessFalse("another run may need the image; leave it out"),
  rootfs: unlessFalse("give an image"),
  "preserve-fd": "the container gets no open files of Busbar's",
  "preserve-fds": "the container gets no open files of Busbar's",
  "init-ctr": "a node is a container of its own",
  requires: "what waits for what is said with depends_on",
  sdnotify: "Busbar waits for the container itself; leave it out",
  "health-log-destination": "it writes to a folder of the machine; leave it out",
  "health-on-failure": { unless: /^(?:none|kill|stop)$/, why: "Busbar starts it again itself, under retry" },
  authfile: LOG_IN,
  creds: LOG_IN,
  "cert-dir": LOG_IN,
  "decryption-key": "pull the image beforehand",
  "signature-policy": "pull the image beforehand",
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
  if (problem !== undefined) return { invalid: `${written} is not possible here: ${problem}` };
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
  return isAbsolute(path) ? undefined : "the path must be absolute";
}
