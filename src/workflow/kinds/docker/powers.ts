import { quote } from "../../tree/raw.ts";
import { parseCsv } from "./csv.ts";
import { applyOptionRules, type OptionRules, unlessFalse } from "./option-rules.ts";

const LIMITS = "it lifts limits that protect the machine";
const DEVICE = "it reaches devices of the machine";

/** Options that give power over the machine or other containers, and why: a file must allow them by name. */
export const POWERS: OptionRules = {
  privileged: unlessFalse("the container can do all that the machine's root can"),
  "cap-add": "the container gains rights of the machine's root",
  "security-opt": {
    unless: /^no-new-privileges(?:[:=](?:true|false))?$/,
    why: "it changes what confines the container",
  },
  "seccomp-policy": "it changes what confines the container",
  device: DEVICE,
  "device-cgroup-rule": DEVICE,
  "device-read-bps": DEVICE,
  "device-read-iops": DEVICE,
  "device-write-bps": DEVICE,
  "device-write-iops": DEVICE,
  pid: { unless: /^(?:private)?$/, why: "the container sees and reaches processes outside it" },
  ipc: { unless: /^(?:private|shareable|none)?$/, why: "the container shares memory with what is outside it" },
  uts: { unless: /^(?:private)?$/, why: "the container shares the host name of the machine" },
  userns: {
    unless: /^(?:private|nomap|auto(?::size=\d+)?|keep-id(?::[ug]id=\d+(?:,[ug]id=\d+)?)?)?$/,
    why: "it undoes, or widens, the separation of users",
  },
  cgroupns: { unless: /^(?:private)?$/, why: "the container sees the machine's control groups" },
  uidmap: "it maps users of the machine into the container",
  gidmap: "it maps users of the machine into the container",
  subuidname: "it maps users of the machine into the container",
  subgidname: "it maps users of the machine into the container",
  hostuser: "it puts users of the machine into the container",
  network: powerOfNetwork,
  pod: "it joins the namespaces of other containers",
  "volumes-from": "it takes over mounts of another container, whatever they are",
  link: "it hands over the variables of another container",
  "cgroup-parent": LIMITS,
  "cgroup-conf": LIMITS,
  cgroups: { unless: /^enabled$/, why: LIMITS },
  sysctl: "it sets parameters of the kernel",
  "oom-kill-disable": unlessFalse("the machine may run out of memory for it"),
  "oom-score-adj": (value) =>
    /^\+?\d+$/.test(value) ? undefined : "the machine ends other processes before it when memory runs out",
  runtime: "it chooses the program that confines the container",
  annotation: "annotations can tell the runtime to confine the container less",
  "use-api-socket": unlessFalse("it hands the engine's socket to the container, and with it the whole machine"),
  "group-add": (value) =>
    /(?:^|[,"])\s*(?:docker|root|0|keep-groups)\s*(?:$|[,"])/i.test(value)
      ? "the group has power over the machine"
      : undefined,
  "env-host": unlessFalse("it hands Busbar's whole environment to the container, secrets included"),
  secret: "it hands secrets of the engine to the container",
  "init-path": "it runs a program of the machine in the container",
  "hosts-file": { unless: /^(?:image|none)$/, why: "it reads a file of the machine" },
  "tls-verify": (value) => (value === "false" ? "images could come from anybody" : undefined),
};

/** Why an option with this value gives power over the machine or other containers; undefined if it does not. */
export function powerOfOption(name: string, value: string): string | undefined {
  return applyOptionRules(POWERS, name, value);
}

const NETWORK = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** The engine's client also takes `name=NETWORK,alias=…`; podman `NETWORK:ip=…`. */
function powerOfNetwork(value: string): string | undefined {
  const named = networkName(value);
  if (named === undefined) return "Busbar cannot tell which network this is";
  if (/^host$/i.test(named)) {
    return "a container in the machine's network reaches what listens on loopback, Busbar's own API among it";
  }
  if (/^(?:container|ns)(?::|$)/i.test(named)) return "it joins the network of another container or process";
  return NETWORK.test(named) ? undefined : `Busbar does not know what ${quote(named)} reaches`;
}

function networkName(value: string): string | undefined {
  const first = value.split(":")[0] ?? "";
  // podman's bridge networks; what its other modes take can open loopback.
  if (/^[^:=,]+:(?:(?:ip6?|mac|interface_name|alias)=[\w.:-]+,?)+$/.test(value)) {
    return /^(?:container|ns|pasta|slirp4netns|host)$/i.test(first) ? value : first;
  }
  if (!value.includes("=")) return value;
  const fields = parseCsv(value)?.map((field) => field.split("="));
  const names = (fields ?? []).filter(([key]) => key?.trim().toLowerCase() === "name");
  return names.length === 1 ? (names[0]?.slice(1).join("=") ?? "") : undefined;
}

/** `--cap-add=CAP_NET_ADMIN` and `--cap-add=net_admin` are the same. */
export function canonicalValue(name: string, value: string): string {
  return name === "cap-add" ? value.toUpperCase().replace(/^CAP_/, "") : value;
}
