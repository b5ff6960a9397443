import { createGuard } from "../../api/access/guard.ts";
import { createApi } from "../../api/api.ts";
import { listen } from "../../api/server.ts";
import { createStreams } from "../../api/streams/streams.ts";
import { DEFAULT_MAX_RUNS, openServer } from "../../app/server/open-server.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Command } from "../command.ts";
import { parseDataDirs } from "../data-dirs.ts";
import { EXIT_OK } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { CLUSTER_OPTIONS, LOGS_DIR_OPTION, POLICY_OPTION, STATE_OPTIONS } from "../options.ts";
import { clusterOf, logsDirOf } from "../place.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { describeRetention, parseRetention } from "../retention.ts";
import { readServerAccess, refuseUnsafeAccess, SERVER_ACCESS_OPTIONS } from "../server-access.ts";
import { readServerTls, SERVER_TLS_OPTIONS } from "../server-tls.ts";
import { describeTrouble, ownerOptionsOf, stateOf } from "../state.ts";

const DEFAULT_PORT = 8080;
const DEFAULT_GRACE_SECONDS = 10;

export const serveCommand: Command = {
  name: "serve",
  summary: "serve runs over HTTP: start, watch and control them",
  description:
    "One process for one state directory: the dashboard at /, and the API that /api/openapi.json describes. It listens\n" +
    "on loopback, where anybody on this machine is operator until `busbar token create` has made a token; beyond that it\n" +
    "needs a token, --public-url, and TLS or a proxy. Ctrl-C or SIGTERM stops it; runs that are under way go on when it is\n" +
    "started again.",
  positionals: [],
  options: [
    ...SERVER_ACCESS_OPTIONS,
    { name: "port", value: "PORT", about: `where to listen; 0 takes a free one (default: ${DEFAULT_PORT})` },
    {
      name: "workflows",
      value: "DIR",
      about: "the workflow files to offer, followed as they change (default: workflows in the state directory)",
    },
    {
      name: "data-dir",
      value: "PREFIX=DIR",
      multiple: true,
      about: "show the files that nodes name under PREFIX: they are in DIR; repeat for more",
    },
    ...SERVER_TLS_OPTIONS,
    { name: "open", about: "open the dashboard in this machine's browser once it listens" },
    {
      name: "max-runs",
      value: "N",
      about: `how many runs go on at once; more wait for their turn (default: ${DEFAULT_MAX_RUNS})`,
    },
    {
      name: "grace",
      value: "SECONDS",
      about: "how long calls in flight may go on when it stops; nothing starts then (default: 10)",
    },
    {
      name: "retention",
      value: "LIMITS",
      about:
        "what is kept of ended runs that a server started, or off (default: max-age=90d,max-runs=100000,max-bytes=10GiB)",
    },
    POLICY_OPTION,
    ...CLUSTER_OPTIONS,
    LOGS_DIR_OPTION,
    ...STATE_OPTIONS,
  ],
  examples: [
    { command: "busbar serve --state-dir /var/lib/busbar", says: "prints `READY http://127.0.0.1:8080`" },
    {
      command: "busbar serve --runtime restate --ingress http://restate:8080 --admin http://restate:9070",
      says: "runs are driven by the workers of a cluster, and go on without the server",
    },
    { command: "busbar serve --port 0 --open", says: "at a free port, with the dashboard opened in a browser" },
  ],
  exitCodes: "0 stopped by a signal · 2 wrong usage, or the port is taken · 30-39 the journal or the cluster",
  async run(invocation) {
    const { values, io, secrets } = invocation;
    const port = values.integer("port", DEFAULT_PORT);
    if (port > 65_535) throw new BusbarError("USAGE", `--port is a number from 0 to 65535, not ${port}`);
    const maxRuns = values.integer("max-runs", DEFAULT_MAX_RUNS);
    if (maxRuns < 1) throw new BusbarError("USAGE", "--max-runs is a number of runs, at least 1");
    const tls = readServerTls(values);
    const graceMs = values.milliseconds("grace", DEFAULT_GRACE_SECONDS);
    const retention = parseRetention(values.text("retention"));
    const access = readServerAccess(values);
    const dataDirs = parseDataDirs(values.list("data-dir"));
    const cluster = clusterOf(invocation);
    if (cluster === undefined && values.text("logs-dir") !== undefined) {
      throw new BusbarError("USAGE", "--logs-dir is of a cluster: give --runtime restate too");
    }
    const logsDir = logsDirOf(invocation);
    const policy = await readPolicyOption(invocation);
    if (isNoPolicy(policy)) return policy.exitCode;
    const state = stateOf(invocation);
    await refuseUnsafeAccess(access, tls !== undefined, state);
    const { onStall: _, origin: __, ...owner } = ownerOptionsOf(invocation, state);
    let renewTls = (): void => undefined;
    const { signal, stopListening } = abortOnSignal(io, () => renewTls());
    try {
      const workflows = values.text("workflows");
      const host = await openServer({
        ...owner,
        secrets,
        retention,
        maxRuns,
        dataDirs,
        ...(cluster === undefined ? {} : { cluster: { ...cluster, ...(logsDir === undefined ? {} : { logsDir }) } }),
        ...(policy === undefined ? {} : { policy }),
        ...(workflows === undefined ? {} : { workflows }),
      });
      try {
        const streams = createStreams();
        const guard = createGuard({ ...host, ...access });
        const api = createApi(host, streams, guard);
        const listening = await listen(api, streams, {
          host: access.host,
          port,
          ...(tls === undefined ? {} : { tls }),
        });
        renewTls = () => {
          if (tls !== undefined) tellHow(io, () => listening.renewTls(readServerTls(values) ?? tls));
        };
        try {
          io.err.write(`${describeRetention(retention)}\n`);
          host.announce(listening.url);
          await io.out.print(`READY ${listening.url}\n`);
          if (values.flag("open")) await openDashboard(io, access.publicUrls[0] ?? listening.url);
          await aborted(signal);
        } finally {
          const letGo = host.letGo(graceMs);
          await Promise.all([listening.close(letGo), letGo]);
          guard.close();
        }
      } finally {
        await host.close();
      }
      return EXIT_OK;
    } finally {
      stopListening();
    }
  },
};

async function openDashboard({ err }: Io, url: string): Promise<void> {
  const { openInBrowser } = await import("../open-in-browser.ts");
  openInBrowser(url, (why) => err.write(`no browser could be opened (${why}): the dashboard is at ${url}\n`));
}

/** Where it fails, what is there goes on to be used. */
function tellHow({ err }: Io, renew: () => void): void {
  try {
    renew();
    err.write("the certificate and its key were read again\n");
  } catch (thrown) {
    err.write(`${describeTrouble(thrown)}; going on with what was read before\n`);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
