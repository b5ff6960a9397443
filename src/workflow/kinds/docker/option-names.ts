import { lazily } from "../../../kernel/lazily.ts";

/**
 * The options of `docker run` (client 28) and `podman run` (5.x): whether a value belongs to them, and their
 * letters. An option that stands nowhere here is refused: whether it takes a value, and so where the image is,
 * cannot be known.
 */
export type Program = "docker" | "podman";

// Made where a file has a docker node: it costs every start 0.3 ms otherwise.
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const getFlags = lazily(
  (): Record<Program | "both", readonly string[]> => ({
    both: words(`detach disable-content-trust help init interactive no-healthcheck oom-kill-disable privileged
    publish-all quiet read-only rm sig-proxy tty`),
    docker: words("use-api-socket"),
    podman: words(
      "env-host http-proxy no-hostname no-hosts passwd read-only-tmpfs replace rmi rootfs tls-verify unsetenv-all",
    ),
  }),
);

const getValues = lazily(
  (): Record<Program | "both", readonly string[]> => ({
    both: words(`add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile
    cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach-keys device
    device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops dns dns-option dns-search
    entrypoint env env-file expose gpus group-add health-cmd health-interval health-retries health-start-period
    health-timeout hostname ip ip6 ipc label label-file log-driver log-opt mac-address memory memory-reservation
    memory-swap memory-swappiness mount name network network-alias oom-score-adj pid pids-limit platform publish
    pull restart security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit user userns uts
    volume volumes-from workdir`),
    docker: words(`cpu-count cpu-percent domainname health-start-interval io-maxbandwidth io-maxiops isolation
    kernel-memory link link-local-ip runtime volume-driver`),
    podman: words(`arch authfile cert-dir cgroup-conf cgroups chrootdirs conmon-pidfile creds decryption-key env-merge
    gidmap group-entry health-log-destination health-max-log-count health-max-log-size health-on-failure
    health-startup-cmd health-startup-interval health-startup-retries health-startup-success health-startup-timeout
    hosts-file hostuser image-volume init-ctr init-path os passwd-entry personality pidfile pod pod-id-file
    preserve-fd preserve-fds rdt-class requires retry retry-delay sdnotify seccomp-policy secret shm-size-systemd
    signature-policy subgidname subuidname systemd timeout tz uidmap umask unsetenv variant`),
  }),
);

/** Other spellings that the clients still take. */
const ALIASES: { readonly [name: string]: string } = {
  net: "network",
  "net-alias": "network-alias",
  "dns-opt": "dns-option",
};

const LETTERS: { readonly [letter: string]: string } = {
  a: "attach",
  c: "cpu-shares",
  d: "detach",
  e: "env",
  h: "hostname",
  i: "interactive",
  l: "label",
  m: "memory",
  p: "publish",
  P: "publish-all",
  q: "quiet",
  t: "tty",
  u: "user",
  v: "volume",
  w: "workdir",
};

export interface OptionName {
  /** The long name, without dashes. */
  readonly name: string;
  readonly takesValue: boolean;
}

/** @param written with its dashes, without a value: `--volume` or `-v` */
export function findOption(program: Program, written: string): OptionName | undefined {
  const [table, bare] = written.startsWith("--") ? [ALIASES, written.slice(2)] : [LETTERS, written.slice(1)];
  const name = Object.hasOwn(table, bare) ? (table[bare] ?? bare) : written.startsWith("--") ? bare : "";
  const [flags, values] = [getFlags(), getValues()];
  if (flags.both.includes(name) || flags[program].includes(name)) return { name, takesValue: false };
  if (values.both.includes(name) || values[program].includes(name)) return { name, takesValue: true };
  return undefined;
}

/** The letter of an option, by its long name. */
export function letterOf(name: string): string | undefined {
  return Object.keys(LETTERS).find((letter) => LETTERS[letter] === name);
}

/** All long names, with dashes, for suggestions. */
export function optionNames(program: Program): readonly string[] {
  const [flags, values] = [getFlags(), getValues()];
  return [flags.both, values.both, flags[program], values[program]].flat().map((name) => `--${name}`);
}

export function otherProgram(program: Program): Program {
  return program === "docker" ? "podman" : "docker";
}
