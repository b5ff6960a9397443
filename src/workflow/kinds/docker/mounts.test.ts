import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCsv, parseCsv } from "./csv.ts";
import { mountSourcesOf, powerOfPath } from "./mounts.ts";

describe("mountSourcesOf", () => {
  it("names the host paths of --volume and --mount, whatever they are called there", () => {
    assert.deepEqual(
      mountSourcesOf([
        "--name=x",
        "--volume=/host:/data",
        "--volume=/my host:/data:ro",
        "--volume=C:\\x:/data",
        "--volume=c:/x:C:\\data:ro",
        "--mount=type=bind,source=/a,target=/b",
        "--mount=SRC=/c,dst=/d,type=bind,ro",
        '--mount=type=bind,"source=/with, comma",target=/b',
        "--mount=type=volume,target=/v,volume-opt=device=/disk,volume-opt=o=bind",
      ]),
      ["/host", "/my host", "C:\\x", "c:/x", "/a", "/c", "/with, comma", "/disk"],
    );
  });

  it("knows a named volume, an unnamed one and what is on the network from a path", () => {
    assert.deepEqual(
      mountSourcesOf([
        "--volume=data:/data",
        "--volume=/data",
        "--volume=c:/data",
        "--mount=type=volume,source=data,target=/data",
        "--mount=type=tmpfs,target=/data",
        "--mount=type=volume,target=/v,volume-opt=type=nfs,volume-opt=device=/export",
        "--tmpfs=/tmp",
        "--volumes-from=other",
      ]),
      [],
    );
  });
});

describe("powerOfPath", () => {
  it("knows what gives power over the machine, however it is written", () => {
    for (const path of [
      "/",
      "//",
      "/.",
      "/data/..",
      "/data/../../",
      "/../..",
      "/var/run/docker.sock",
      "//var/run/docker.sock",
      "/run/docker.sock/",
      "/var//run/./docker.sock",
      "/var/run",
      "/run",
      "/var",
      "/var/lib",
      "/run/user/1000",
      "/run/user/1000/docker.sock",
      "/srv/x/docker.sock",
      "/home/me/Library/Containers/docker.raw.sock",
      "/run/user/1000/podman/podman.sock",
      "/home/me/.docker/run/docker.sock",
      "/home/me/.docker/run",
      "/run/containerd/containerd.sock",
      "/run/podman",
      "/etc",
      "/etc/ssl/certs",
      "/data/../etc/passwd",
      "/private/etc",
      "/host_mnt/etc",
      "/proc",
      "/sys/fs/cgroup",
      "/dev/sda",
      "/dev/shm",
      "/boot",
      "/root/.ssh",
      "/lib/modules",
      "/usr",
      "/usr/bin",
      "/bin",
      "/var/lib/docker/volumes",
      "/var/lib/kubelet",
      "/home",
      "/home/",
      "/ETC",
      "C:\\",
      "C:/",
      "d:\\",
      "C:\\Windows",
      "c:/windows/system32",
      "C:\\data\\..\\Windows.",
      "C:\\data\\..",
      "\\\\?\\C:\\Windows",
      "\\\\localhost\\C$",
      "/mnt/c/Windows",
      "/c/Windows",
      "\\\\.\\pipe\\docker_engine",
      "//./pipe/docker_engine",
      "/etc/a\\..\\..\\..\\data",
      "/data\\..\\..\\etc",
    ]) {
      assert.notEqual(powerOfPath(path, []), undefined, path);
    }
  });

  it("has nothing against other folders", () => {
    for (const path of [
      "/data",
      "/home/me/data",
      "/etcetera",
      "/srv/etc",
      "/srv/docker",
      "/home/me/podman/data",
      "/var/log/busbar",
      "/var/lib/busbar",
      "/run/busbar",
      "/usr/share/zoneinfo",
      "/opt/app",
      "/tmp",
      "/private/tmp/x",
      "/mnt/data",
      "C:\\data",
      "C:\\Users\\me\\data",
      "d:/windows-data",
      "\\\\server\\share\\data",
    ]) {
      assert.equal(powerOfPath(path, []), undefined, path);
    }
  });

  it("lets through exactly the paths that the file allows, under any of their names", () => {
    assert.equal(powerOfPath("/etc/localtime", ["/etc/localtime"]), undefined);
    assert.equal(powerOfPath("/etc//localtime/", ["--cap-add", "/etc/x/../localtime"]), undefined);
    assert.equal(powerOfPath("/run/docker.sock", ["/var/run/docker.sock"]), undefined);
    assert.equal(powerOfPath("/usr/lib/modules", ["/lib/modules"]), undefined);
    assert.equal(powerOfPath("c:/", ["C:\\"]), undefined);
    assert.notEqual(powerOfPath("/etc/passwd", ["/etc"]), undefined);
    assert.notEqual(powerOfPath("/etc", ["/etc/passwd"]), undefined);
  });
});

describe("CSV", () => {
  it("is read as the engine's client reads it", () => {
    assert.deepEqual(parseCsv("a,b=c"), ["a", "b=c"]);
    assert.deepEqual(parseCsv('"a,""b""",,c'), ['a,"b"', "", "c"]);
    assert.deepEqual(parseCsv(""), [""]);
    for (const bad of ['a"b', '"a', '"a"b,c', 'source="/a"']) assert.equal(parseCsv(bad), undefined, bad);
    for (const fields of [["a", 'b"c,d', ""], ["x"]]) assert.deepEqual(parseCsv(formatCsv(fields)), fields);
  });
});
