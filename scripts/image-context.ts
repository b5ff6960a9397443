// The folder that the images are built from: what deploy/images/Dockerfile copies, and nothing else.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { withoutProtoLoader } from "./without-proto-loader.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** By convention the user "nonroot" of images without a shell. */
const USER_ID = 65_532;

/**
 * @param folder empty; is filled
 * @param dist   where the built command line is
 */
export async function fillImageContext(folder: string, dist: string): Promise<void> {
  const put = (path: string, contents: string | Uint8Array): void => {
    const target = join(folder, path);
    makeFolder(dirname(target));
    writeFileSync(target, contents);
    // Everybody reads them, whatever the umask here.
    chmodSync(target, 0o644);
  };
  put("etc/passwd", `root:x:0:0:root:/:/nonexistent\nbusbar:x:${USER_ID}:${USER_ID}:busbar:/:/nonexistent\n`);
  put("etc/group", `root:x:0:\nbusbar:x:${USER_ID}:\n`);
  for (const name of ["data", "state"]) makeFolder(join(folder, "owned", name));

  const licenses = readFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), "utf8");
  const healthCheck = await bundle("scripts/health-check.ts", licenses);
  for (const image of ["busbar", "service"]) {
    put(`${image}/health-check.cjs`, healthCheck);
    put(`${image}/THIRD-PARTY-LICENSES.txt`, licenses);
    put(`${image}/LICENSE`, readFileSync(join(root, "LICENSE")));
  }
  put("service/service.cjs", await bundle("examples/energy-pipeline/services/main.ts", licenses));
  const commands = readdirSync(dist).filter((name) => name.endsWith(".cjs"));
  for (const name of ["busbar.mjs", ...commands, ...dashboardFiles(dist)]) {
    put(`busbar/${name}`, readFileSync(join(dist, name)));
  }
}

/** The pages that a server shows, with their licences. */
function dashboardFiles(dist: string): readonly string[] {
  return readdirSync(join(dist, "dashboard"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)));
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

/** One CommonJS file, which Node loads quicker than modules. */
async function bundle(entryPoint: string, licenses: string): Promise<Uint8Array> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entryPoint],
    bundle: true,
    format: "cjs",
    minify: true,
    platform: "node",
    target: "node24",
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [withoutProtoLoader],
  });
  requireLicenses(result.metafile, licenses);
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entryPoint}`);
  return file.contents;
}

/** The texts that travel with the built command line are those of its packages: the services must need no other. */
function requireLicenses(metafile: Metafile, licenses: string): void {
  for (const path of Object.keys(metafile.inputs)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    if (name !== undefined && !new RegExp(`^${name} \\d`, "m").test(licenses)) {
      throw new Error(`dist/THIRD-PARTY-LICENSES.txt lacks the licence of ${name}`);
    }
  }
}
