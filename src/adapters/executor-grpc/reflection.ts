// Client of server reflection (grpc.reflection.v1, else v1alpha: the two are wire-equal).
import type { Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { CallEnd, CallOptions } from "../grpc-client/call.ts";
import type { SharedChannel } from "../grpc-client/channels.ts";
import { Code } from "../grpc-client/status.ts";
import type { MessageStream } from "../grpc-client/stream.ts";
import { CONTRACT, compareWithContract, type Differences } from "./contract.ts";
import { type DescribedFile, type DescribedMessage, decodeFile, withoutDot } from "./describe.ts";
import { bytes, readFields, text, writeTexts } from "./wire.ts";

const SERVICES = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/** Services that any server may have, and that say nothing about its contract. */
const INFRASTRUCTURE = /^grpc\.(?:health|reflection|channelz)\./;
/** So many of a server's services are described in a message. */
const MAX_OFFERS = 10;

export type ContractCheck =
  | { readonly found: "service"; readonly differences: Differences }
  /** The server says that it does not know the service. */
  | { readonly found: "others"; readonly offers: readonly string[] }
  /** It says nothing: no reflection, or one that fails. */
  | { readonly found: "nothing"; readonly end: AnswerEnd };

/** How a peer ended the conversation instead of answering. */
export type AnswerEnd = Pick<CallEnd, "code" | "message" | "fault">;

export type ReflectionOptions = CallOptions & {
  readonly clock: Clock;
  /** For the whole conversation. */
  readonly timeoutMs: number;
};

/** Asks a server by reflection whether it speaks our contract. Never rejects. */
export async function checkContract(channel: SharedChannel, options: ReflectionOptions): Promise<ContractCheck> {
  const checked = await converse(channel, options, async (stream) => {
    const known = await askForSymbol(stream, CONTRACT.service);
    if (!known.ok) return known;
    if (known.value !== undefined) return describeContract(stream, known.value);
    const listed = await listServices(stream);
    if (!listed.ok) return listed;
    // A server that lists a service and does not find it (@grpc/reflection, of a file without package) has it.
    if (listed.value.includes(CONTRACT.service)) return ok({ found: "service", differences: NO_DIFFERENCES } as const);
    return ok({ found: "others", offers: await describeOffers(stream, listed.value) } as const);
  });
  return checked.ok ? checked.value : { found: "nothing", end: checked.error };
}

const NO_DIFFERENCES: Differences = { errors: [], warnings: [] };

/** The methods that a server offers, as `service/method`, health and reflection aside; undefined if it does not say. */
export async function askForOffers(
  channel: SharedChannel,
  options: ReflectionOptions,
): Promise<readonly string[] | undefined> {
  const offers = await converse(channel, options, async (stream) => {
    const listed = await listServices(stream);
    return listed.ok ? ok(await describeOffers(stream, listed.value)) : listed;
  });
  return offers.ok ? offers.value : undefined;
}

type PeerAnswer<T> = Promise<Result<T, AnswerEnd>>;

/** Holds a conversation in the newest reflection that the server has. */
async function converse<T>(
  channel: SharedChannel,
  { clock, timeoutMs, ...options }: ReflectionOptions,
  talk: (stream: MessageStream) => PeerAnswer<T>,
): PeerAnswer<T> {
  const begun = clock.monotonic();
  let last: Result<T, AnswerEnd> = err({ code: Code.UNIMPLEMENTED, message: "" });
  for (const service of SERVICES) {
    const leftMs = Math.max(1, timeoutMs - (clock.monotonic() - begun));
    const stream = channel.open(`/${service}/ServerReflectionInfo`, { ...options, timeoutMs: leftMs });
    try {
      last = await talk(stream);
    } catch (cause) {
      // Bytes that are no reflection message.
      last = err({ code: Code.INTERNAL, message: (cause as Error).message });
    }
    // A peer that does not end its side as well would keep the stream open.
    await stream.cancel();
    if (last.ok || last.error.code !== Code.UNIMPLEMENTED) break;
  }
  return last;
}

/** One answer a request, in order. */
async function ask(stream: MessageStream, message: Buffer): PeerAnswer<Uint8Array> {
  void stream.write(message);
  const answer = await stream.read();
  return answer === undefined ? err(await stream.end) : ok(answer);
}

/** The files that describe a symbol; undefined if the server does not know it. */
async function askForSymbol(stream: MessageStream, symbol: string): PeerAnswer<readonly DescribedFile[] | undefined> {
  const answer = await ask(stream, writeTexts([4, symbol]));
  if (!answer.ok) return answer;
  let files: DescribedFile[] | undefined;
  readFields(answer.value, {
    4: bytes((response) => {
      const found: DescribedFile[] = [];
      readFields(response, { 1: bytes((file) => found.push(decodeFile(file))) });
      files = found;
    }),
  });
  return ok(files);
}

async function listServices(stream: MessageStream): PeerAnswer<readonly string[]> {
  // list_services is a text that stands for nothing; a oneof must be set to count.
  const answer = await ask(stream, writeTexts([7, "*"]));
  if (!answer.ok) return answer;
  const names: string[] = [];
  readFields(answer.value, {
    6: bytes((response) => {
      readFields(response, {
        1: bytes((service) => readFields(service, { 1: text((name) => names.push(withoutDot(name))) })),
      });
    }),
  });
  return ok(names);
}

async function describeContract(stream: MessageStream, files: readonly DescribedFile[]): PeerAnswer<ContractCheck> {
  const service = files.flatMap((file) => file.services).find((one) => one.name === CONTRACT.service);
  if (service === undefined) return ok({ found: "others", offers: offersOf(files, () => true) });
  const messages = new Map<string, DescribedMessage>();
  const learn = (from: readonly DescribedFile[]): void => {
    for (const message of from.flatMap((file) => file.messages)) messages.set(message.name, message);
  };
  learn(files);
  const method = service.methods.find((one) => one.name === CONTRACT.method);
  for (const type of method === undefined ? [] : [method.input, method.output]) {
    if (messages.has(type)) continue;
    // It stands in another file, which this server does not send along.
    const described = await askForSymbol(stream, type);
    if (described.ok) learn(described.value ?? []);
  }
  return ok({ found: "service", differences: compareWithContract(service, (name) => messages.get(name)) });
}

async function describeOffers(stream: MessageStream, services: readonly string[]): Promise<readonly string[]> {
  const own = services.filter((name) => !INFRASTRUCTURE.test(name));
  const offers: string[] = [];
  for (const name of own.slice(0, MAX_OFFERS)) {
    const described = await askForSymbol(stream, name);
    const methods = described.ok ? offersOf(described.value ?? [], (one) => one === name) : [];
    offers.push(...(methods.length > 0 ? methods : [name]));
  }
  return own.length > MAX_OFFERS ? [...offers, `${own.length - MAX_OFFERS} more services`] : offers;
}

function offersOf(files: readonly DescribedFile[], wanted: (service: string) => boolean): readonly string[] {
  return files
    .flatMap((file) => file.services)
    .filter((service) => wanted(service.name))
    .flatMap((service) => service.methods.map((method) => `${service.name}/${method.name}`));
}
