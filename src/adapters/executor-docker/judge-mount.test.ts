// Where the paths of mounts lead, and who could change that. No engine is needed for it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { readPolicy } from "../../workflow/policy/read-policy.ts";
import { createSystemClock } from "../system/clock.ts";
import { judgeMountedPath } from "./judge-mount.ts";
import { hasOwnMounts, parseMounts, placeOf } from "./mountinfo.ts";
import { resolveMounts } from "./resolve-mounts.ts";
import { walkPath } from "./walk-path.ts";

let base: string;
const at = (path: string): string => join(base, path);
before(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "busbar-mounts-")));
  for (const folder of ["in/a/b", "shared/sub", "elsewhere"]) mkdirSync(at(folder), { recursive: true });
  symlinkSync(at("elsewhere"), at("shared/planted"));
  symlinkSync("/etc", at("shared/etc"));
  symlinkSync("/etc/none", at("shared/dangling"));
  symlinkSync("a", at("in/current"));
  symlinkSync(at("elsewhere"), at("in/out"));
  symlinkSync(at("shared/sub"), at("alias"));
  symlinkSync(at("shared/planted"), at("in/through"));
  symlinkSync("loop", at("loop"));
});
after(() => rmSync(base, { recursive: true }));

const skip = process.platform === "win32" && "Windows has other paths";

/** What becomes of a mount: the real path, or why not. */
async function judge(path: string, mounts?: readonly { path: string; read_only?: boolean }[]): Promise<string> {
  const policy =
    mounts === undefined
      ? undefined
      : readPolicy({ docker: { mounts: mounts.map((one) => ({ ...one, path: at(one.path) })) } });
  const verdict = await judgeMountedPath(at(path), [], policy);
  return verdict.ok ? String(verdict.real?.replace(`${base}/`, "")) : verdict.problem.code;
}

describe("walkPath", { skip }, () => {
  it("says where a path leads, and through which folders", async () => {
    const parents = foldersTo(base);
    assert.deepEqual(await walkPath(at("in/current/b")), {
      real: at("in/a/b"),
      through: [...parents, base, at("in"), at("in"), at("in/a")],
      exists: true,
    });
    const { real, through = [] } = (await walkPath(at("alias"))) ?? {};
    assert.equal(real, at("shared/sub"));
    assert.ok(through.includes(base) && through.includes(at("shared")));
    assert.equal((await walkPath(at("in/a/../../shared/./sub//")))?.real, at("shared/sub"));
    const dangling = await walkPath(at("shared/dangling"));
    assert.deepEqual([dangling?.real, dangling?.exists], ["/etc/none", false]);
    assert.equal(await walkPath(at("loop")), undefined);
  });
});

/** The folders above one, from the root on. */
function foldersTo(path: string): readonly string[] {
  return path === "/" ? [] : [...foldersTo(dirname(path)), dirname(path)];
}

describe("a mount, when its container is made", { skip }, () => {
  it("is judged by where it leads, without a policy", async () => {
    assert.equal(await judge("shared/sub"), "shared/sub");
    assert.equal(await judge("shared/planted"), "elsewhere");
    assert.equal(await judge("shared/etc"), "MOUNT_NOT_ALLOWED");
    assert.equal(await judge("shared/etc/ssl"), "MOUNT_NOT_ALLOWED");
    // The engine would make the folder at the other end.
    assert.equal(await judge("shared/dangling"), "MOUNT_NOT_ALLOWED");
    assert.equal(await judge("shared/none"), "MOUNT_NOT_FOUND");
  });

  it("is a listed folder with a policy, or lies where no container can put a link in its place", async () => {
    const mounts = [{ path: "in", read_only: true }, { path: "shared" }];
    assert.equal(await judge("shared", mounts), "shared");
    assert.equal(await judge("in/a/b", mounts), "in/a/b");
    assert.equal(await judge("in/current/b", mounts), "in/a/b");
    for (const path of ["in/out", "in/through", "shared/sub", "shared/planted", "shared/etc", "elsewhere"]) {
      assert.equal(await judge(path, mounts), "MOUNT_NOT_ALLOWED", path);
    }
    assert.equal(await judge("in/none", mounts), "MOUNT_NOT_FOUND");
    // A listed folder that is reached through one that containers write.
    assert.equal(await judge("alias", [...mounts, { path: "alias", read_only: true }]), "MOUNT_NOT_ALLOWED");
    assert.equal(await judge("alias", [{ path: "alias", read_only: true }]), "shared/sub");
  });

  it("never leads elsewhere with a policy, while somebody swaps what is below it", async () => {
    // One that writes the shared folder as a node beside would, as fast as it can.
    mkdirSync(at("shared/victim"));
    writeFileSync(at("shared/victim/flag"), "harmless");
    const swaps = 10_000;
    const script = `const fs = require("node:fs"); const at = (name) => ${JSON.stringify(`${at("shared")}/`)} + name;
      fs.symlinkSync("/etc", at("link"));
      for (let n = 0; n < ${swaps}; n += 1) {
        fs.renameSync(at("victim"), at("kept")); fs.renameSync(at("link"), at("victim"));
        fs.renameSync(at("victim"), at("link")); fs.renameSync(at("kept"), at("victim"));
      }`;
    const swapper = spawn(process.execPath, ["-e", script], { stdio: "inherit" });
    const ended = once(swapper, "exit");
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    const mounts = [{ path: "in", read_only: true }, { path: "shared" }];
    let looks = 0;
    for (; !isOver || looks < 10; looks += 1) {
      assert.equal(await judge("shared", mounts), "shared");
      assert.match(await judge("shared/victim", mounts), /^MOUNT_NOT_(?:ALLOWED|FOUND)$/);
      // Without a policy it is what it is at that moment, but never what nobody may mount.
      assert.match(await judge("shared/victim"), /^(?:shared\/victim|MOUNT_NOT_ALLOWED|MOUNT_NOT_FOUND)$/);
    }
    assert.deepEqual(await ended, [0, null]);
  });
});

describe("mountinfo", () => {
  const table = parseMounts(
    [
      "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
      "30 22 8:2 /volumes /srv rw - ext4 /dev/sdb rw",
      "31 30 0:5 / /srv/a\\040b\\134c rw master:2 - tmpfs none rw",
      "32 22 8:3 /x /srv/over rw - ext4 /dev/sdc rw",
      "33 22 8:4 / /srv/over rw - ext4 /dev/sdd rw",
      "34 22 0:50 / /net rw shared:3 master:2 - autofs /etc/auto.net rw",
      "35 34 0:51 /data /net/used rw - nfs4 host:/data rw",
      "",
    ].join("\n"),
  );

  it("says on which file system a path lies, and where there", () => {
    assert.deepEqual(placeOf(table, "/home/x"), { device: "8:1", path: "/home/x" });
    assert.deepEqual(placeOf(table, "/srv"), { device: "8:2", path: "/volumes" });
    assert.deepEqual(placeOf(table, "/srv/d/e"), { device: "8:2", path: "/volumes/d/e" });
    assert.deepEqual(placeOf(table, "/srvx"), { device: "8:1", path: "/srvx" });
    assert.deepEqual(placeOf(table, "/srv/a b\\c/f"), { device: "0:5", path: "/f" });
    assert.deepEqual(placeOf(table, "/srv/over/y"), { device: "8:4", path: "/y" });
  });

  it("does not say it of what is mounted only once it is used", () => {
    assert.equal(placeOf(table, "/net/host/folder"), undefined);
    assert.deepEqual(placeOf(table, "/net/used/x"), { device: "0:51", path: "/data/x" });
  });

  it("is not compared for a mount that podman shows below a layer of the container's own", {
    skip: process.platform !== "linux" && "Linux",
  }, async () => {
    const tools = { clock: createSystemClock(), secrets: createSecrets(() => undefined), env: {} };
    const options = ["O", "ro", "O,upperdir=/x"].map((mode, index) => `--volume=${at("in")}:/t${index}:${mode}`);
    const request = { program: "podman", options, image: "x", args: [] };
    const resolved = await resolveMounts(tools, request, new AbortController().signal);
    assert.deepEqual(resolved.ok && resolved.mounts.map(({ target }) => target), ["/t1"]);
  });

  it("is not a container's own where it is that of this process", {
    skip: process.platform !== "linux" && "Linux",
  }, async () => {
    assert.equal(await hasOwnMounts(process.pid), false);
  });
});
