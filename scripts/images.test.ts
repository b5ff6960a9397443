// Without an engine; test/containers/images.test.ts builds the images and runs them.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { fillImageContext } from "./image-context.ts";

const script = fileURLToPath(new URL("images.ts", import.meta.url));
const seed = (name: string) => readFileSync(new URL(`../test/fixtures/seed/phase2/${name}`, import.meta.url));

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-images-test-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("npm run images", () => {
  async function run(args: readonly string[], path = folder) {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { out, err, code };
  }

  it("names what it builds", async () => {
    const { out, code } = await run(["--help"]);
    assert.equal(code, 0);
    assert.match(out, /busbar, busbar-energy-generator, busbar-energy-analyzer, busbar-report-generator\./);
  });

  it("refuses options it does not know, and tags that are none", async () => {
    assert.equal((await run(["--tga", "x"])).code, 2);
    const { err, code } = await run(["--tag", "a/b:c"]);
    assert.deepEqual([err.split("\n")[0], code], ["not a tag: a/b:c", 2]);
  });

  it("says what to do where there is no engine", async () => {
    assert.deepEqual(await run([]), {
      out: "",
      err: "no container engine: neither docker nor podman is installed\n  → Install Docker or Podman, or name the program with --engine.\n",
      code: 20,
    });
    assert.match((await run(["--engine", "nerdctl"])).err, /^no container engine: there is no nerdctl\n/);
  });

  it("says what the client said where the engine does not answer", {
    skip: process.platform === "win32" && "a script is no program on Windows",
  }, async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "docker"), "#!/bin/sh\necho 'Cannot connect to the daemon.' >&2\nexit 1\n");
    chmodSync(join(bin, "docker"), 0o755);
    assert.deepEqual(await run([], bin), {
      out: "",
      err: "the engine of docker does not answer: Cannot connect to the daemon.\n  → Start it, or name another with --engine.\n",
      code: 20,
    });
  });
});

describe("the folder that the images are built from", () => {
  const packages = ["@bufbuild/protobuf", "@grpc/grpc-js", "@js-sdsl/ordered-map"];
  const licenses = packages.map((name) => `${name} 1.0.0 (Apache-2.0)\n`).join("\n");
  function makeDist(name: string, text: string): string {
    const dist = join(folder, name);
    mkdirSync(dist);
    writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), text);
    mkdirSync(join(dist, "dashboard", "assets"), { recursive: true });
    const pages = ["dashboard/.build-hash", "dashboard/index.html", "dashboard/assets/main.js.br"];
    for (const file of ["busbar.mjs", "drive.cjs", "index.mjs", ...pages]) writeFileSync(join(dist, file), "");
    return dist;
  }

  it("holds the programs, the dashboard, the user and the folders of the user, and nothing else", async () => {
    const context = join(folder, "context");
    await fillImageContext(context, makeDist("dist", licenses));
    const listed = readdirSync(context, { recursive: true, encoding: "utf8" }).map((path) =>
      path.replaceAll("\\", "/"),
    );
    assert.deepEqual(listed.sort(), [
      "busbar",
      "busbar/LICENSE",
      "busbar/THIRD-PARTY-LICENSES.txt",
      "busbar/busbar.mjs",
      "busbar/dashboard",
      "busbar/dashboard/assets",
      "busbar/dashboard/assets/main.js.br",
      "busbar/dashboard/index.html",
      "busbar/drive.cjs",
      "busbar/health-check.cjs",
      "etc",
      "etc/group",
      "etc/passwd",
      "owned",
      "owned/data",
      "owned/state",
      "service",
      "service/LICENSE",
      "service/THIRD-PARTY-LICENSES.txt",
      "service/health-check.cjs",
      "service/service.cjs",
    ]);
    // Users of the containers are others than who built them.
    if (process.platform !== "win32") {
      for (const path of listed) assert.equal(statSync(join(context, path)).mode & 0o444, 0o444, path);
    }
  });

  it("holds a service that needs no other file", () => {
    const data = join(folder, "data");
    const program = join(folder, "context", "service", "service.cjs");
    const env = { ...process.env, SERVICE: "energy-generator", DATA_ROOT: data };
    const ended = spawnSync(process.execPath, [program, "once"], { cwd: folder, env, encoding: "utf8" });
    assert.deepEqual([ended.stdout, ended.status], ["Successfully generated synthetic data to energy_data.csv\n", 0]);
    assert.deepEqual(readFileSync(join(data, "energy_data.csv")), seed("energy_data.csv"));
  });

  it("is not filled where the text of a licence would be missing", async () => {
    const dist = makeDist("dist-without", licenses.replace("ordered-map", "b-tree"));
    await assert.rejects(fillImageContext(join(folder, "none"), dist), /lacks the licence of @js-sdsl\/ordered-map/);
  });
});
