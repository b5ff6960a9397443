import { randomBytes } from "node:crypto";
import {
  type FieldChecks,
  optional,
  requireClock,
  requireFields,
  requireMethods,
  requireSecrets,
} from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Json } from "../../kernel/json.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Attempt, Executor, Outcome } from "../../ports/executor.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { requirePolicy } from "../../workflow/policy/require-policy.ts";
import { restrictSecrets } from "../../workflow/policy/restrict-secrets.ts";
import { Code } from "../grpc-client/status.ts";
import { createServiceChannels } from "./channels.ts";
import { CONTRACT } from "./contract.ts";
import { createGuard } from "./guard.ts";
import { encodeExecuteRequest } from "./messages.ts";
import { addAttemptMetadata, readServiceMetadata } from "./metadata.ts";
import { describeOffers } from "./offers.ts";
import { type AttemptContext, outcomeOfEnd, outcomeOfProblem, outcomeOfReply } from "./outcome.ts";
import { preflightServices } from "./preflight.ts";
import { askForOffers } from "./reflection.ts";

/** How long asking for an explanation may take; a person waits for it, but so does the run. */
const EXPLAIN_MS = 1000;

/** What the gRPC executor needs of its surroundings. */
export interface GrpcExecutorOptions {
  /** Read when a call is made; what was read is masked in every text that comes back. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Makes span ids; random if left out. */
  readonly ids?: Pick<Ids, "spanId">;
  /** What the host allows, asked again with each call and each connection: what `readPolicy` gives. */
  readonly policy?: HostPolicy;
}

const OPTIONS: FieldChecks<GrpcExecutorOptions> = {
  secrets: requireSecrets,
  clock: requireClock,
  ids: optional((name, value) => requireMethods(name, value, ["spanId"])),
  policy: optional(requirePolicy),
};

/**
 * Performs attempts as unary calls of `/ContainerExecutor/Execute`, one channel
 * per address, kept over runs for as long as it is used, until `close`.
 * @throws BusbarError USAGE
 */
export function createGrpcExecutor(options: GrpcExecutorOptions): Executor {
  requireFields("options", options, OPTIONS, "an object {secrets, clock}");
  const { clock, policy } = options;
  const secrets = restrictSecrets(options.secrets, policy);
  const spanId = (): string => options.ids?.spanId() ?? randomSpanId();
  const channels = createServiceChannels({
    ...{ clock, userAgent: "busbar grpc-node" },
    ...(policy === undefined ? {} : { guard: createGuard(policy) }),
  });

  const execute = async (attempt: Attempt, signal: AbortSignal): Promise<Outcome> => {
    const { service } = attempt;
    if (service === undefined) throw new BusbarError("INTERNAL", `${attempt.nodeId} has no service to call`);
    const context: AttemptContext = { service, attempt, secrets };
    const { metadata, problems } = readServiceMetadata(service, secrets);
    const [problem] = problems;
    if (problem !== undefined) return outcomeOfProblem(context, problem);
    addAttemptMetadata(metadata, attempt, spanId());
    const channel = channels.of(service);
    const call = { metadata, signal };
    const started = clock.monotonic();
    const end = await channel.unary(CONTRACT.path, encodeRequest(attempt.request), {
      ...call,
      timeoutMs: attempt.timeoutMs,
      maxMessageBytes: service.maxMessageBytes,
    });
    if (end.code === Code.OK && end.reply !== undefined) return outcomeOfReply(context, end.reply);
    const elapsedMs = clock.monotonic() - started;
    const offers =
      end.code === Code.UNIMPLEMENTED && end.fault === undefined
        ? await askForOffers(channel, { ...call, clock, timeoutMs: EXPLAIN_MS })
        : undefined;
    return outcomeOfEnd(context, end, elapsedMs, offers === undefined ? undefined : describeOffers(offers, secrets));
  };

  return {
    execute,
    preflight: ({ services }, preflightOptions, signal) =>
      preflightServices({ channels, secrets, clock }, services, preflightOptions, signal),
    close: async () => channels.close(),
  };
}

/** The grpc kind of node makes it. */
function encodeRequest(request: Json): Buffer {
  const { input_file, output_file } = request as { readonly input_file: string; readonly output_file: string };
  return encodeExecuteRequest(input_file, output_file);
}

function randomSpanId(): string {
  for (;;) {
    const id = randomBytes(8).toString("hex");
    if (/[^0]/.test(id)) return id;
  }
}
