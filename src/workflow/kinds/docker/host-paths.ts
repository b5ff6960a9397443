import { posix } from "node:path";
import { quote } from "../../tree/raw.ts";

/** Sockets that give command over the machine to whoever has one, in whatever folder they are. */
const SOCKETS =
  /\/(?:docker|dockerd|podman|containerd|crio|cri-dockerd|buildkitd|docker\.raw|podman-machine-\w+)\.sock$/;

/** Where engines and the service manager keep their sockets: these, what is inside, and whatever holds one of them. */
const SOCKET_PLACES = [
  "/run/docker.sock",
  "/run/docker",
  "/run/containerd",
  "/run/podman",
  "/run/crio",
  "/run/buildkit",
  "/run/systemd/private",
  "/run/dbus/system_bus_socket",
  "/run/guest-services",
  "/run/k3s",
  "/run/libvirt",
  "/var/snap/docker",
  "/var/snap/lxd",
];

/** Folders of the system itself: these, what is inside, and whatever holds one of them. */
const SYSTEM_PLACES = [
  "/etc",
  "/proc",
  "/sys",
  "/dev",
  "/boot",
  "/root",
  "/usr/bin",
  "/usr/sbin",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/libexec",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/usr/local/lib",
  "/var/lib/docker",
  "/var/lib/containerd",
  "/var/lib/containers",
  "/var/lib/kubelet",
  "/var/lib/rancher",
  "/var/lib/lxd",
  "/var/lib/incus",
  "/var/spool/cron",
  "c:/windows",
  "c:/program files",
  "c:/program files (x86)",
  "c:/programdata/docker",
  "c:/programdata/containerd",
];

/** The same place under another name, so that an allowed path still matches once links are followed. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^\/host_mnt(?=\/|$)/, ""],
  [/^\/(?:run\/desktop\/mnt\/host|mnt\/host|mnt)\/c(?=\/|$)/, "c:"],
  [/^\/c(?=\/(?:windows|program))/, "c:"],
  [/^\/private(?=\/(?:etc|var|tmp)(?:\/|$))/, ""],
  [/^\/var\/run(?=\/|$)/, "/run"],
  [/^\/(bin|sbin|lib|lib32|lib64)(?=\/|$)/, "/usr/$1"],
];

/**
 * Why a container that mounts a path of the host has power over the machine; undefined if it has none by it, or if
 * `allow` names the path. By its text alone: links are not followed, so ask again with the real path. Upper and
 * lower case count as the same, as they do on macOS and Windows.
 * @param path absolute
 */
export function powerOfPath(path: string, allow: readonly string[]): string | undefined {
  const allowed = allow.filter(isAbsolute).flatMap(readings);
  for (const place of readings(path)) {
    const power = allowed.includes(place) ? undefined : powerOf(place);
    if (power !== undefined) return power;
  }
  return undefined;
}

/** Absolute on POSIX, or with a drive or a share on Windows. */
export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}

/** A path as a person would write it who wants to allow it. */
export function plainPath(path: string): string {
  return path.includes("\\") ? path : posix.normalize(path).replace(/(?<=.)\/$/, "");
}

/** To POSIX a backslash is an ordinary character, to Windows it is a slash: what is dangerous either way is refused. */
function readings(path: string): readonly string[] {
  return path.includes("\\") ? [normalize(path), normalize(path.replaceAll("\\", "/"))] : [normalize(path)];
}

function normalize(path: string): string {
  let text = path.toLowerCase();
  // \\?\C:\x and \\.\C:\x are C:\x; \\.\pipe\x is a pipe, and \\server\C$ somebody's drive.
  text = text.replace(/^[\\/]{2}[?.][\\/](?=[a-z]:)/, "").replace(/^[\\/]{2}[?.][\\/]pipe[\\/]/, "/pipe/");
  text = text.replace(/^[\\/]{2}[^\\/]+[\\/]([a-z])\$(?=[\\/]|$)/, "$1:");
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    // Windows drops dots and spaces at the end of a name.
    else parts.push(text.startsWith("/") ? part : part.replace(/(?<=[^. ])[. ]+$/, ""));
  }
  let normal = /^[a-z]:/.test(text) ? parts.join("/") : `/${parts.join("/")}`;
  for (const [pattern, replacement] of ALIASES) normal = normal.replace(pattern, replacement);
  if (/^[a-z]:$/.test(normal)) return `${normal}/`;
  return normal === "" ? "/" : normal;
}

function powerOf(place: string): string | undefined {
  if (place === "/" || /^[a-z]:\/$/.test(place)) return "it is the whole disk of the machine";
  const socket = `it leads to the socket of a container engine or service manager, and so to the whole machine`;
  if (place.startsWith("/pipe/"))
    return "it is a named pipe of Windows; through the engine's, one commands the machine";
  if (SOCKETS.test(place)) return socket;
  // Where engines without root, and Docker Desktop, keep theirs.
  if (/^\/run\/user(?:\/\d+)?$|\/\.(?:docker|colima|rd|orbstack)(?:\/run)?$/.test(place)) return socket;
  if (SOCKET_PLACES.some((one) => isWithin(place, one) || isWithin(one, place))) return socket;
  for (const one of SYSTEM_PLACES) {
    if (isWithin(place, one)) return `${quote(one)} belongs to the system`;
    if (isWithin(one, place)) return `${quote(one)} is in it and belongs to the system`;
  }
  return ["/home", "/users", "c:/users"].includes(place) ? "it holds what all users of the machine have" : undefined;
}

function isWithin(place: string, folder: string): boolean {
  return place === folder || place.startsWith(`${folder}/`);
}
