import { ERRORS } from "../kernel/error-table.ts";
import { BusbarError, toErrorInfo } from "../kernel/errors.ts";
import { createSecrets } from "../kernel/secrets.ts";
import type { Command, Invocation } from "./command.ts";
import { COMMAND_TABLE } from "./command-table.ts";
import { takeHandover } from "./detach/handover.ts";
import { EXIT_OK, exitCodeOfError } from "./exit-codes.ts";
import { createCommandFormatter } from "./format-command.ts";
import { createProcessIo } from "./io.ts";
import { isVersion, nearest, parseCommand } from "./parse.ts";
import type { GivenPlace } from "./place.ts";
import { requireReadableNames } from "./readable-names.ts";
import { renderError } from "./render/error.ts";
import { renderHelp, renderOverview } from "./render/help.ts";

/**
 * Runs one command and sets the exit code of the process.
 * @param argv     what stands after `busbar`
 * @param commands those of the group that the first word belongs to
 */
export async function dispatch(argv: readonly string[], commands: readonly Command[]): Promise<void> {
  const secrets = createSecrets((name) => process.env[name]);
  const handover = takeHandover();
  let codeOfLost = EXIT_OK;
  const io = createProcessIo({
    err: handover?.sink,
    color: !argv.includes("--no-color"),
    mask: secrets.mask,
    // Told at once: a run whose events are lost goes on, for hours perhaps.
    onLostOutput(why) {
      codeOfLost = fail(new BusbarError("OUTPUT_LOST", `stdout cannot be written: ${why}`));
    },
  });
  const formatCommand = createCommandFormatter(io, givenPlaceIn(argv));
  const fail = (cause: unknown): number => {
    const thrown = toUsage(cause);
    io.err.write(renderError(toErrorInfo(thrown), io.err.style, { formatCommand }));
    // Any other error is a bug: its stack is printed as well, for the report.
    if (!(thrown instanceof BusbarError) && thrown instanceof Error) io.err.write(`${thrown.stack}\n`);
    return exitCodeOfError(thrown);
  };
  // Commands that end in order listen themselves. No other ends by a hang-up that does not count (signals.ts) either.
  if (!io.startedAtTerminal) process.on("SIGHUP", () => undefined);
  process.on("uncaughtException", (thrown) => process.exit(fail(thrown)));
  const code = await runCommand(argv, commands, { io, secrets, ...(handover && { handover }) }).catch(fail);
  // The last write may be the one that fails.
  await Promise.all([io.out.flush(), io.err.flush()]);
  await handover?.end();
  process.exitCode = code === EXIT_OK ? codeOfLost : code;
}

async function runCommand(
  [name, ...rest]: readonly string[],
  commands: readonly Command[],
  context: Omit<Invocation, "values">,
): Promise<number> {
  const { io } = context;
  if (name === undefined) {
    io.err.write(renderOverview(COMMAND_TABLE, io.err.style));
    return exitCodeOfError(new BusbarError("USAGE", ""));
  }
  if (name === "help" || name === "--help" || name === "-h") {
    io.out.write(renderOverview(COMMAND_TABLE, io.out.style));
    return EXIT_OK;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw unknownCommand(name);
  const values = parseCommand(command, rest);
  if (values.flag("help")) {
    io.out.write(renderHelp(command, io.out.style));
    return EXIT_OK;
  }
  requireReadableNames(rest);
  return command.run({ ...context, values });
}

/** As it was given; an error may have come before the options were read. */
function givenPlaceIn(argv: readonly string[]): GivenPlace {
  const optionOf = (option: string): string | undefined => {
    const at = argv.findIndex((word) => word === option || word.startsWith(`${option}=`));
    return argv[at] === option ? argv[at + 1] : argv[at]?.slice(option.length + 1);
  };
  return {
    stateDir: optionOf("--state-dir"),
    allowRemoteState: argv.includes("--allow-remote-state"),
    server: optionOf("--server"),
    tokenFile: optionOf("--token-file"),
    runtime: optionOf("--runtime"),
    ingress: optionOf("--ingress"),
    policy: optionOf("--policy"),
    ...(argv[0] === "worker"
      ? { workerAdmin: optionOf("--admin"), advertise: optionOf("--advertise") }
      : { admin: optionOf("--admin") }),
  };
}

/** Whoever makes a relative path absolute, a library too, asks Node for the working directory, and meets this first. */
function toUsage(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("syscall" in thrown) || thrown.syscall !== "uv_cwd") return thrown;
  return new BusbarError(
    "WORKING_DIRECTORY_GONE",
    `the working directory does not exist any more, or cannot be read. ${ERRORS.WORKING_DIRECTORY_GONE.remedy}`,
    { cause: thrown },
  );
}

function unknownCommand(name: string): BusbarError {
  const isOption = name.startsWith("-");
  const what = isOption ? `${name} stands before a command` : `there is no command "${name}"`;
  const names = isOption ? [] : COMMAND_TABLE.map((entry) => entry.name);
  const meant = isVersion(name) ? "--version" : nearest(name, names);
  const suggestion = meant === undefined ? "" : ` Did you mean \`busbar ${meant}\`?`;
  return new BusbarError("USAGE", `${what}.${suggestion} See \`busbar --help\`.`);
}
