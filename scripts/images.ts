// Builds the container images: the command line, and the three services of the energy pipeline, each as a server and as
// a program that does its work once.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { KINDS } from "../examples/energy-pipeline/services/start.ts";
import { ensureBuilt } from "./built.ts";
import { fillImageContext } from "./image-context.ts";

const USAGE = `Usage: npm run images [-- OPTIONS]
Builds the container images busbar, ${KINDS.map(({ name }) => imageOf(name)).join(", ")}.
The services come in two: TAG serves, TAG-once does its work once and ends.

  --tag TAG         instead of the two tags latest (and once) and VERSION (and VERSION-once)
  --engine PROGRAM  docker or podman, or the path of one (default: the first that is installed)
  --node-image I    where Node comes from, such as node@sha256:… (default: see deploy/images/Dockerfile)
  --platform P      as the engine takes it: linux/arm64 (default: the engine's own)
  --verbose         show what the engine says
  --help            this text
`;

const root = fileURLToPath(new URL("..", import.meta.url));
const { version: VERSION } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
/** An engine on another machine may take its time. */
const ENGINE_PATIENCE_MS = 30_000;

type Engine = { readonly program: string } | { readonly program: undefined; readonly reason: string };

interface Image {
  readonly name: string;
  readonly target: string;
  readonly tags: readonly string[];
}

interface ImagesOptions {
  readonly tag?: string | undefined;
  readonly engine?: string | undefined;
  readonly "node-image"?: string | undefined;
  readonly platform?: string | undefined;
  readonly verbose: boolean;
}

process.exitCode = await main();

/** @returns the exit code: 0, 1 where an image could not be built, 2 wrong usage, 20 no engine */
async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "number") return options;
  const engine = findEngine(options.engine);
  if (engine.program === undefined) {
    process.stderr.write(`${engine.reason}\n`);
    return 20;
  }
  const folder = mkdtempSync(join(tmpdir(), "busbar-images-"));
  try {
    await fillImageContext(folder, dirname(ensureBuilt()));
    for (const image of listImages(options.tag)) await buildImage(engine.program, folder, image, options);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The options, or the exit code where there is nothing to build. */
function readOptions(): ImagesOptions | number {
  try {
    const { values } = parseArgs({
      options: {
        tag: { type: "string" },
        engine: { type: "string" },
        "node-image": { type: "string" },
        platform: { type: "string" },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    if (values.tag !== undefined && !/^\w[\w.-]{0,122}$/.test(values.tag)) throw new Error(`not a tag: ${values.tag}`);
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
}

/** An engine that answers, or why there is none. */
function findEngine(wanted: string | undefined): Engine {
  for (const program of wanted === undefined ? ["docker", "podman"] : [wanted]) {
    const asked = spawnSync(program, ["info"], { encoding: "utf8", timeout: ENGINE_PATIENCE_MS, windowsHide: true });
    if (asked.error === undefined && asked.status === 0) return { program };
    if (asked.error !== undefined && (asked.error as NodeJS.ErrnoException).code === "ENOENT") continue;
    const said = asked.error?.message ?? asked.stderr.trim().split("\n").at(-1);
    return {
      program: undefined,
      reason: `the engine of ${program} does not answer: ${said}\n  → Start it, or name another with --engine.`,
    };
  }
  const missing = wanted === undefined ? "neither docker nor podman is installed" : `there is no ${wanted}`;
  return {
    program: undefined,
    reason: `no container engine: ${missing}\n  → Install Docker or Podman, or name the program with --engine.`,
  };
}

function imageOf(service: string): string {
  return `busbar-${service}`;
}

function listImages(tag: string | undefined): readonly Image[] {
  const tags = tag === undefined ? ["latest", VERSION] : [tag];
  const onceTags = tag === undefined ? ["once", `${VERSION}-once`] : [`${tag}-once`];
  const services = KINDS.flatMap(({ name }): Image[] => [
    { name: imageOf(name), target: name, tags },
    { name: imageOf(name), target: `${name}-once`, tags: onceTags },
  ]);
  return [{ name: "busbar", target: "busbar", tags }, ...services];
}

async function buildImage(program: string, context: string, image: Image, options: ImagesOptions): Promise<void> {
  const names = image.tags.map((tag) => `${image.name}:${tag}`);
  process.stderr.write(`building ${names.join(", ")}\n`);
  const args = [
    "build",
    ...["--file", join(root, "deploy", "images", "Dockerfile"), "--target", image.target],
    ...["--build-arg", `VERSION=${VERSION}`],
    ...(options["node-image"] === undefined ? [] : ["--build-arg", `NODE_IMAGE=${options["node-image"]}`]),
    ...names.flatMap((name) => ["--tag", name]),
    ...(options.platform === undefined ? [] : ["--platform", options.platform]),
    // Podman's own format has no health check.
    ...(/^podman/.test(basename(program)) ? ["--format", "docker"] : []),
    context,
  ];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  if (options.verbose) {
    child.stdout.pipe(process.stderr, { end: false });
    child.stderr.pipe(process.stderr, { end: false });
  }
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0) {
    throw new Error(
      `${options.verbose ? "" : `${out}${err}\n`}${program} could not build ${names[0]} (exit code ${code})`,
    );
  }
  for (const name of names) process.stdout.write(`${name} ${sizeOf(program, name)}\n`);
}

function sizeOf(program: string, image: string): string {
  const asked = spawnSync(program, ["image", "inspect", "--format={{.Size}}", image], { encoding: "utf8" });
  return `${(Number(asked.stdout) / 1e6).toFixed(1)} MB`;
}
