import type { RegisterOptions } from "../../app/register-workers.ts";
import { createShared, type Shared } from "../../app/shared.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT_CANCELLED, EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { isEveryAddress, isLoopback, readListenAddress, urlOf } from "../listen-address.ts";
import { POLICY_OPTION } from "../options.ts";
import { logsDirOf } from "../place.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { describeTrouble } from "../state.ts";

const DEFAULT_LISTEN = "127.0.0.1:9080";
const DEFAULT_GRACE_SECONDS = 10;
const DEFAULT_WAIT_SECONDS = 60;

/** What `busbar worker register` does not take. */
const OF_WORKER = ["listen", "identity-key", "policy", "logs-dir", "grace"] as const;

export const workerCommand: Command = {
  name: "worker",
  summary: "serve a cluster on Restate: drive its runs and call its services; or register such workers",
  description:
    "Restate calls it, and it calls the services: a run on a cluster is driven by the workers that Restate knows. Secrets\n" +
    "that workflows name (${env.NAME}) are read from its environment, and --policy is what it allows, whoever started\n" +
    "the run. Restate has to be told once of an address of workers: by the worker itself, where --admin is given, or by\n" +
    "`busbar worker register`. Behind one address stand workers of one version, and new runs go to the address that was\n" +
    "told last: workers that share the work share an --advertise, that of what spreads connections among them.\n" +
    "On SIGTERM or Ctrl-C it takes nothing new, and attempts may end for --grace seconds; what is left then, other workers\n" +
    "behind its address go on with.\n" +
    "Whoever can call a worker can have it call services: beyond loopback give it Restate's --identity-key, which\n" +
    "Restate logs when it starts with `request-identity-private-key-pem-file`; other requests are answered with 401.",
  positionals: [
    { name: "ACTION", about: "register: tell Restate of workers at an address, and serve nothing", optional: true },
  ],
  options: [
    {
      name: "listen",
      value: "HOST:PORT",
      about: `where Restate's requests arrive; port 0 takes a free one (default: ${DEFAULT_LISTEN})`,
    },
    {
      name: "advertise",
      value: "URL",
      about: "by what address Restate reaches the workers, as http://workers:9080 (default: that of --listen)",
    },
    {
      name: "admin",
      value: "URL",
      about: "Restate's admin API, which is told of the workers: http://restate:9070 (default: $BUSBAR_ADMIN)",
    },
    {
      name: "identity-key",
      value: "KEY",
      multiple: true,
      about: "a public key of Restate, publickeyv1_…: only what it has signed is done; repeat for more",
    },
    POLICY_OPTION,
    {
      name: "logs-dir",
      value: "DIR",
      about:
        "where what containers write is kept; share it among workers and server (default: $BUSBAR_LOGS_DIR, else it is not kept)",
    },
    {
      name: "grace",
      value: "SECONDS",
      about: `how long attempts may go on when it stops (default: ${DEFAULT_GRACE_SECONDS})`,
    },
    {
      name: "wait",
      value: "SECONDS",
      about: `how long Restate is waited for to be told of the workers (default: ${DEFAULT_WAIT_SECONDS}; register: 0)`,
    },
    { name: "force", about: "register: have Restate ask anew what is at an address that it knows already" },
  ],
  examples: [
    {
      command: "busbar worker --admin http://127.0.0.1:9070",
      says: "one machine: prints `READY http://127.0.0.1:9080`",
    },
    {
      command: "busbar worker --listen 0.0.0.0:9080 --identity-key publickeyv1_…",
      says: "one of several, behind the address that is registered next",
    },
    {
      command: "busbar worker register --admin http://restate:9070 --advertise http://workers-v2:9080",
      says: "once for each version",
    },
  ],
  exitCodes: "0 stopped by a signal, or registered · 2 wrong usage, or the port is taken · 39 Restate · 130 Ctrl-C",
  async run(invocation) {
    const action = invocation.values.positional(0);
    if (action === undefined) return serve(invocation);
    if (action === "register") return register(invocation);
    throw usage(`${quoteWord(action)} is no action: there is register, or none, to serve`);
  },
};

async function register({ values, io, secrets }: Invocation): Promise<number> {
  const useless = OF_WORKER.find((name) => values.list(name).length > 0);
  if (useless !== undefined) throw usage(`--${useless} is of \`busbar worker\`, not of \`busbar worker register\``);
  const admin = adminOf({ values, io });
  if (admin === undefined) throw usage("where is Restate's admin API? Give --admin (BUSBAR_ADMIN)");
  const advertise = values.text("advertise");
  if (advertise === undefined) throw usage("where are the workers? Give --advertise, the address that Restate reaches");
  const { signal, stopListening } = abortOnSignal(io);
  const options = { admin, advertise, force: values.flag("force"), waitMs: values.milliseconds("wait", 0), signal };
  try {
    if (!(await tell(io, createShared(secrets), options))) return EXIT_CANCELLED;
    await io.out.print(`registered ${advertise}\n`);
    return EXIT_OK;
  } finally {
    stopListening();
  }
}

async function serve(invocation: Invocation): Promise<number> {
  const { values, io, secrets } = invocation;
  if (values.flag("force")) throw usage("--force is of `busbar worker register`");
  const listen = readListenAddress("listen", values.text("listen") ?? DEFAULT_LISTEN);
  const identityKeys = values.list("identity-key");
  for (const key of identityKeys) requireKey(key);
  const graceMs = values.milliseconds("grace", DEFAULT_GRACE_SECONDS);
  const waitMs = values.milliseconds("wait", DEFAULT_WAIT_SECONDS);
  const admin = adminOf(invocation);
  const advertise = values.text("advertise");
  if (admin !== undefined && advertise === undefined && isEveryAddress(listen)) {
    throw usage(`by what address does Restate reach it? ${listen.host} is none: give --advertise`);
  }
  const logsDir = logsDirOf(invocation);
  const policy = await readPolicyOption(invocation);
  if (isNoPolicy(policy)) return policy.exitCode;
  const shared = createShared(secrets, policy);
  // Loaded here, so that neither the help nor `register` loads what speaks to Restate.
  const { startWorker } = await import("../../app/worker.ts");
  const { signal, stopListening } = abortOnSignal(io);
  try {
    const worker = await startWorker(
      {
        ...listen,
        identityKeys,
        ...(logsDir === undefined ? {} : { logsDir }),
        ...(admin === undefined ? {} : { admin }),
        onTrouble: (trouble) => io.err.write(`${describeTrouble(trouble)}\n`),
      },
      shared,
    );
    try {
      const url = urlOf({ ...listen, port: worker.port });
      if (identityKeys.length === 0 && !isLoopback(listen)) warnOfStrangers(io, url);
      if (admin !== undefined) {
        const at = advertise ?? url;
        if (!(await tell(io, shared, { admin, advertise: at, waitMs, signal }))) return EXIT_OK;
        io.err.write(`Restate at ${admin} knows workers at ${at}\n`);
        worker.sweep();
      }
      await io.out.print(`READY ${url}\n`);
      await aborted(signal);
    } finally {
      await worker.close(graceMs);
    }
    return EXIT_OK;
  } finally {
    stopListening();
  }
}

/** @returns false where a signal ended it */
async function tell(
  io: Invocation["io"],
  { clock }: Shared,
  options: Omit<RegisterOptions, "onWaiting">,
): Promise<boolean> {
  const { registerWorkers } = await import("../../app/register-workers.ts");
  try {
    const onWaiting = (why: string): void => void io.err.write(`waiting: ${why}\n`);
    if (!(await registerWorkers({ ...options, onWaiting }, clock))) noteOfNewer(io, options);
    return true;
  } catch (thrown) {
    if (options.signal.aborted) return false;
    throw thrown;
  }
}

function adminOf({ values, io }: Pick<Invocation, "values" | "io">): string | undefined {
  const given = values.text("admin") ?? io.env("BUSBAR_ADMIN");
  return given === "" ? undefined : given;
}

function requireKey(key: string): void {
  if (/^publickeyv1_[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(key)) return;
  throw usage(`--identity-key is a public key as Restate logs it, publickeyv1_…, not ${quoteWord(key)}`);
}

/** Nothing is wrong with it while an older version serves what it has begun. */
function noteOfNewer(io: Invocation["io"], { admin, advertise }: Omit<RegisterOptions, "onWaiting">): void {
  const { err } = io;
  const formatCommand = createCommandFormatter(io, { workerAdmin: admin, advertise });
  err.write(
    `${err.style.yellow("warning")}: new runs do not go to ${advertise}: Restate was told of another address after it. ` +
      `Workers that share work share one; to have new runs here: \`${formatCommand("worker register --force")}\`\n`,
  );
}

function warnOfStrangers({ err }: Invocation["io"], url: string): void {
  err.write(
    `${err.style.yellow("warning")}: whoever reaches ${url} can have this worker call services: without ` +
      "--identity-key it does what anybody asks. Give it Restate's key, or keep others away from the port\n",
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function usage(message: string): BusbarError {
  return new BusbarError("USAGE", `${message}. See \`busbar worker --help\`.`);
}
