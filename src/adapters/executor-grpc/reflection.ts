// Client of server reflection (grpc.reflection.v1, else v1alpha: the two are wire-equal).
import { err, ok, type Result } from "../../kernel/result.ts";
import { deadlineIn } from "./call.ts";
import { CONTRACT, compareWithContract, type Differences } from "./contract.ts";
import { type DescribedFile, type DescribedMessage, decodeFile, withoutDot } from "./describe.ts";
import { type Dialogue, openDialogue } from "./dialogue.ts";
import { type Channel, type Metadata, Status, type StatusObject } from "./grpc-js.ts";
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
  | { readonly found: "nothing"; readonly status: StatusObject };

export interface ReflectionOptions {
  readonly metadata: Metadata;
  /** For the whole conversation. */
  readonly timeoutMs: number;
}

/** Asks a server by reflection whether it speaks our contract. Never rejects. */
export async function checkContract(
  channel: Channel,
  options: ReflectionOptions,
  signal: AbortSignal,
): Promise<ContractCheck> {
  const checked = await converse(channel, options, signal, async (dialogue) => {
    const known = await askForSymbol(dialogue, CONTRACT.service);
    if (!known.ok) return known;
    if (known.value !== undefined) return describeContract(dialogue, known.value);
    const listed = await listServices(dialogue);
    if (!listed.ok) return listed;
    // A server that lists a service and does not find it (@grpc/reflection, of a file without package) has it.
    if (listed.value.includes(CONTRACT.service)) return ok({ found: "service", differences: NO_DIFFERENCES } as const);
    return ok({ found: "others", offers: await describeOffers(dialogue, listed.value) } as const);
  });
  return checked.ok ? checked.value : { found: "nothing", status: checked.error };
}

const NO_DIFFERENCES: Differences = { errors: [], warnings: [] };

/** The methods that a server offers, as `service/method`, health and reflection aside; undefined if it does not say. */
export async function askForOffers(
  channel: Channel,
  options: ReflectionOptions,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const offers = await converse(channel, options, signal, async (dialogue) => {
    const listed = await listServices(dialogue);
    return listed.ok ? ok(await describeOffers(dialogue, listed.value)) : listed;
  });
  return offers.ok ? offers.value : undefined;
}

/** What the peer answered, or the status with which it ended the conversation. */
type PeerAnswer<T> = Promise<Result<T, StatusObject>>;

/** Holds a conversation in the newest reflection that the server has. */
async function converse<T>(
  channel: Channel,
  options: ReflectionOptions,
  signal: AbortSignal,
  talk: (dialogue: Dialogue) => PeerAnswer<T>,
): PeerAnswer<T> {
  const { metadata } = options;
  const deadline = deadlineIn(options.timeoutMs);
  let last: Result<T, StatusObject> | undefined;
  for (const service of SERVICES) {
    const dialogue = openDialogue(channel, { metadata, deadline, path: `/${service}/ServerReflectionInfo` }, signal);
    try {
      last = await talk(dialogue);
    } catch (cause) {
      // Bytes that are no reflection message.
      last = err({ code: Status.INTERNAL, details: (cause as Error).message, metadata });
    }
    dialogue.end();
    if (last.ok || last.error.code !== Status.UNIMPLEMENTED) break;
  }
  return last ?? err({ code: Status.UNIMPLEMENTED, details: "", metadata });
}

/** The files that describe a symbol; undefined if the server does not know it. */
async function askForSymbol(dialogue: Dialogue, symbol: string): PeerAnswer<readonly DescribedFile[] | undefined> {
  const answer = await dialogue.ask(writeTexts({ 4: symbol }));
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

async function listServices(dialogue: Dialogue): PeerAnswer<readonly string[]> {
  // list_services is a text that stands for nothing; a oneof must be set to count.
  const answer = await dialogue.ask(writeTexts({ 7: "*" }));
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

async function describeContract(dialogue: Dialogue, files: readonly DescribedFile[]): PeerAnswer<ContractCheck> {
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
    const described = await askForSymbol(dialogue, type);
    if (described.ok) learn(described.value ?? []);
  }
  return ok({ found: "service", differences: compareWithContract(service, (name) => messages.get(name)) });
}

async function describeOffers(dialogue: Dialogue, services: readonly string[]): Promise<readonly string[]> {
  const own = services.filter((name) => !INFRASTRUCTURE.test(name));
  const offers: string[] = [];
  for (const name of own.slice(0, MAX_OFFERS)) {
    const described = await askForSymbol(dialogue, name);
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
