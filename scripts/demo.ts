// Starts the three services on free ports, runs the energy pipeline through the real command line,
// shows the report, and leaves nothing running. With --serve: a server and its dashboard (demo/serve.ts).
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, constants, copyFileSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, styleText } from "node:util";
import { summarize } from "../examples/energy-pipeline/demo/summary.ts";
import { renderReport } from "../examples/energy-pipeline/demo/view.ts";
import { startServices } from "../examples/energy-pipeline/services/start.ts";
import { showsUnicode, toAsciiMarks } from "../src/cli/render/charset.ts";
import { createJsonLog, type RunningService } from "../src/service/index.ts";
import { ensureBuilt } from "./built.ts";
import { claimFolder } from "./claim-folder.ts";
import { serveDemo } from "./demo/serve.ts";
import { endWithNpm } from "./end-with-npm.mjs";

const USAGE = `Usage: npm run demo [-- OPTIONS]
Runs the energy pipeline end to end and shows its report; or serves it, with a dashboard.

  --serve           start services and a server, with a run that succeeded and one that failed, and
                    print the dashboard's address; Ctrl-C ends all of it
  --port N          with --serve: where it listens (default 8080, or a free one where that is taken)
  --open            with --serve: open the dashboard in this machine's browser
  --input FILE      meter readings (CSV) instead of the ten synthetic ones; a year of them is in
                    examples/energy-pipeline/input/year.csv
  --rows N          rows of the report to show (default 20)
  --data-root DIR   where the files go (default examples/energy-pipeline/data)
  --state-dir DIR   where the run is recorded (default .busbar)
  --help            this text
`;

const root = fileURLToPath(new URL("..", import.meta.url));
const YEAR = join(root, "examples", "energy-pipeline", "input", "year.csv");
/** Ctrl-C reaches a program under npm twice, from the terminal and from npm: that is one wish, not two. */
const ECHO_MS = 500;

interface DemoOptions {
  readonly input?: string;
  readonly rows: number;
  readonly dataRoot: string;
  readonly stateDir: string;
  readonly serve?: { readonly port: number | undefined; readonly open: boolean };
}

let child: ChildProcess | undefined;
let stopped: NodeJS.Signals | undefined;
const stopping = new AbortController();
listenForSignals();
endWithNpm();
process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "number") return options;
  let services: readonly RunningService[] = [];
  let giveBack: (() => void) | undefined;
  try {
    const bin = ensureBuilt();
    mkdirSync(options.dataRoot, { recursive: true });
    giveBack = claimFolder(options.dataRoot);
    const input = options.input === undefined ? undefined : copyInput(options.input, options.dataRoot);
    if (options.serve !== undefined) {
      await import("./dashboard.ts");
      const year = input ?? copyInput(YEAR, options.dataRoot);
      return await serveDemo({ ...options, ...options.serve, bin, input: year, shown }, stopping.signal);
    }
    const logFile = join(options.dataRoot, "services.log");
    const skipped: string[] = [];
    services = await start(options.dataRoot, logFile, skipped);
    if (stopped !== undefined) return 130;
    const code = await runPipeline(bin, services, input, options.stateDir);
    if (code !== 0 && stopped === undefined) {
      process.stderr.write(
        `What the services said: ${shown(logFile)}\n` +
          "They end with the demo, so that its run cannot be resumed: mend the cause and start the demo again.\n",
      );
    }
    if (code !== 0) return code;
    await showReport(options, skipped, logFile);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await Promise.all(services.map((service) => service.close(0)));
    giveBack?.();
  }
}

/** The options, or the exit code where there is nothing to run. */
function readOptions(): DemoOptions | number {
  try {
    const { values } = parseArgs({
      options: {
        input: { type: "string" },
        rows: { type: "string", default: "20" },
        "data-root": { type: "string", default: join(root, "examples", "energy-pipeline", "data") },
        "state-dir": { type: "string", default: process.env.BUSBAR_STATE_DIR || join(root, ".busbar") },
        serve: { type: "boolean", default: false },
        port: { type: "string" },
        open: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const rows = Number(values.rows);
    if (!Number.isInteger(rows) || rows < 0) throw new Error(`--rows is not a number of rows: ${values.rows}`);
    if (!values.serve && (values.open || values.port !== undefined)) throw new Error("--port and --open need --serve");
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw new Error(`--port is not a port: ${values.port}`);
    }
    const from = process.env.INIT_CWD ?? process.cwd(); // npm runs scripts in the package's folder
    return {
      rows,
      dataRoot: resolve(from, values["data-root"]),
      stateDir: resolve(from, values["state-dir"]),
      ...(values.input === undefined ? {} : { input: resolve(from, values.input) }),
      ...(values.serve ? { serve: { port, open: values.open } } : {}),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
}

/** Copies the readings into the data root; returns their path within it. */
function copyInput(file: string, dataRoot: string): string {
  const name = basename(file);
  const folder = join(dataRoot, "input");
  const target = join(folder, name);
  mkdirSync(folder, { recursive: true });
  try {
    if (realpathSync(file) !== join(realpathSync(folder), name)) {
      copyFileSync(file, target, constants.COPYFILE_FICLONE);
    }
  } catch (error) {
    throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return `input/${name}`;
}

/** Log lines go to a file, so that they do not disturb the progress; what was skipped is also kept to show. */
async function start(dataRoot: string, logFile: string, skipped: string[]): Promise<readonly RunningService[]> {
  rmSync(logFile, { force: true });
  const write = (line: string) => {
    appendFileSync(logFile, line);
    const { level, message } = JSON.parse(line) as { level: string; message: string };
    if (level === "WARNING" && skipped.length < 5) skipped.push(message);
  };
  return startServices({ dataRoot, portBase: 0, log: (name) => createJsonLog(name, write), signals: [] });
}

/** Runs the pipeline through the real command line, which shows its progress here. Returns its exit code. */
function runPipeline(
  bin: string,
  services: readonly RunningService[],
  input: string | undefined,
  stateDir: string,
): Promise<number> {
  const [generator, analyzer, reporter] = services.map((service) => service.address);
  const params = { generator, analyzer, reporter, ...(input === undefined ? {} : { input_file: input }) };
  const args = [
    ...[bin, "run", join(root, "examples", "energy-pipeline", "energy-pipeline.yaml")],
    ...Object.entries(params).flatMap(([name, value]) => ["--param", `${name}=${value}`]),
    ...["--state-dir", stateDir],
    "--no-next", // `resume` would call services that end with this program
  ];
  return new Promise((done, fail) => {
    // In a process group of its own a Ctrl-C reaches it once, from here, and cancels the run; a second would kill it.
    child = spawn(process.execPath, args, { stdio: "inherit", detached: process.platform !== "win32" });
    child.on("error", fail);
    child.on("exit", (code) => done(code ?? 1));
  });
}

async function showReport(options: DemoOptions, skipped: readonly string[], logFile: string): Promise<void> {
  const file = (name: string) => join(options.dataRoot, name);
  const summary = await summarize(file("energy_report.csv"), file("analysis_output.pb"), options.rows);
  const highlight = (text: string) => styleText("yellow", text, { stream: process.stdout });
  let text = `\n${renderReport(summary, { highlight })}`;
  if (summary.skipped > 0) {
    const more = summary.skipped - skipped.length;
    text += `\nLeft out, as not usable:\n${skipped.map((line) => `  ${line}\n`).join("")}`;
    if (more > 0) text += `  … ${more.toLocaleString("en-US")} more in ${shown(logFile)}\n`;
  }
  text += "\nFiles\n";
  for (const name of ["energy_data.csv", "analysis_output.pb", "energy_report.csv"]) text += `  ${shown(file(name))}\n`;
  const { platform, env, stdout } = process;
  const unicode = showsUnicode({ platform, isTerminal: stdout.isTTY === true, env: (name) => env[name] });
  stdout.write(unicode ? text : toAsciiMarks(text));
}

/** A path as a person would type it. */
function shown(path: string): string {
  const short = relative(process.env.INIT_CWD ?? process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** A signal cancels the run, if one is under way; everything else then ends by itself. */
function listenForSignals(): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopped = signal;
      stopping.abort();
      const now = performance.now();
      // The console of Windows has told the child itself; kill would end it at once.
      if (now - last > ECHO_MS && process.platform !== "win32") child?.kill(signal);
      last = now;
    });
  }
}
