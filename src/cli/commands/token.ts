import { hasRuns } from "../../app/reader.ts";
import { createToken, listTokens, revokeToken, type TokenPlace } from "../../app/tokens.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import { ROLES, type Role, type TokenRecord } from "../../ports/access.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { JSON_OPTION, STATE_OPTIONS } from "../options.ts";
import { describeTime } from "../render/describe-time.ts";
import { renderTable } from "../render/table.ts";
import { stateOf } from "../state.ts";
import { parseDuration } from "../times.ts";

const ACTIONS = ["create", "list", "revoke"] as const;
type Action = (typeof ACTIONS)[number];

/** What only `create` takes. */
const OF_CREATE = ["role", "name", "expires"] as const;

/** Characters that a name has at most. */
const MAX_NAME = 100;

export const tokenCommand: Command = {
  name: "token",
  summary: "make, list and revoke the tokens of a server",
  description:
    "create: prints a new token, which is shown this once; of it only a hash is stored. viewer looks, operator also\n" +
    "starts stored workflows and acts on runs, admin may do everything. list: all tokens and when they were used last.\n" +
    "revoke: the token with that id is not valid from now on. A server that runs on the state directory knows at once,\n" +
    "and ends what such a token has open.",
  positionals: [
    { name: "ACTION", about: "create, list or revoke" },
    { name: "ID", about: "of the token to revoke, as the list shows it", optional: true },
  ],
  options: [
    { name: "role", value: "ROLE", choices: ROLES, about: "create: what its bearer may do: viewer, operator or admin" },
    { name: "name", value: "NAME", about: "create: whose it is or what it is for" },
    {
      name: "expires",
      value: "DURATION",
      about: "create: how long it is valid: 12h, 30d, 8w (default: until revoked)",
    },
    JSON_OPTION,
    ...STATE_OPTIONS,
  ],
  examples: [
    { command: "busbar token create --role operator --name ci --expires 30d", says: "a token for a machine" },
    { command: "busbar token list", says: "who may use the server, and who has not for long" },
  ],
  exitCodes: "0 done · 2 wrong usage, also where no token has the id · 30-39 the journal",
  async run(invocation) {
    const action = actionOf(invocation);
    const place = stateOf(invocation);
    await { create, list, revoke }[action](invocation, place);
    return EXIT_OK;
  },
};

/** @throws BusbarError USAGE */
function actionOf({ values }: Invocation): Action {
  const given = values.positional(0) ?? "";
  const action = ACTIONS.find((one) => one === given);
  if (action === undefined) throw usage(`${quoteWord(given)} is none of create, list, revoke`);
  if ((action === "revoke") !== (values.positional(1) !== undefined)) {
    throw usage(action === "revoke" ? "which token? Give its ID" : `\`busbar token ${action}\` takes no ID`);
  }
  const option = OF_CREATE.find((name) => values.text(name) !== undefined);
  if (action !== "create" && option !== undefined) throw usage(`--${option} is of \`busbar token create\``);
  return action;
}

async function create({ values, io }: Invocation, place: TokenPlace): Promise<void> {
  const role = values.text("role") as Role | undefined;
  if (role === undefined) throw usage(`what may its bearer do? --role ${ROLES.join(", --role ")}`);
  const name = values.text("name");
  if (name !== undefined && name.length > MAX_NAME) throw usage(`--name has at most ${MAX_NAME} characters`);
  const expires = values.text("expires");
  const { token, record } = await createToken(place, {
    role,
    ...(name === undefined ? {} : { name }),
    ...(expires === undefined ? {} : { expiresAt: expiryOf(expires, place) }),
  });
  if (values.flag("json")) {
    await io.out.printData(`${JSON.stringify({ token, ...record }, undefined, 2)}\n`);
    return;
  }
  await io.out.printData(`${token}\n`);
  const until = record.expires_at === undefined ? "until it is revoked" : `until ${describeTime(record.expires_at)}`;
  io.err.write(`${record.role} token ${record.id}, valid ${until}; it is not shown again\n`);
}

/** @throws BusbarError USAGE */
function expiryOf(text: string, { shared }: TokenPlace): string {
  const at = shared.clock.now() + parseDuration("expires", text);
  // Later years have no timestamp of four digits.
  if (at < Date.UTC(10_000, 0)) return timestampOf(at);
  throw usage(`--expires is too long: ${quoteWord(text)}`);
}

async function list({ values, io }: Invocation, place: TokenPlace): Promise<void> {
  const tokens = await listTokens(place);
  if (values.flag("json")) await io.out.printData(`${JSON.stringify(tokens, undefined, 2)}\n`);
  else if (tokens.length === 0) io.err.write(`no tokens in ${place.stateDir}\n`);
  else await io.out.print(renderTokens(tokens, { nowMs: place.shared.clock.now(), ...io.out.size() }, io));
}

function renderTokens(
  tokens: readonly TokenRecord[],
  { nowMs, columns }: { readonly nowMs: number; readonly columns: number },
  { out: { style } }: Pick<Invocation["io"], "out">,
): string {
  const expiryText = ({ expires_at }: TokenRecord): string => {
    if (expires_at === undefined) return "never";
    const isOver = Date.parse(expires_at) <= nowMs;
    return isOver ? `expired ${describeTime(expires_at)}` : describeTime(expires_at);
  };
  return renderTable(
    [
      { title: "id" },
      { title: "role" },
      { title: "name", shrinkTo: 8 },
      { title: "created" },
      { title: "expires" },
      { title: "last used" },
    ],
    tokens.map((token) => [
      { text: token.id, paint: style.bold },
      token.role,
      token.own ? "(the server's own)" : (token.name ?? ""),
      describeTime(token.created_at),
      expiryText(token),
      token.last_used_at === undefined ? "never" : describeTime(token.last_used_at),
    ]),
    { columns, style },
  );
}

async function revoke({ values, io }: Invocation, place: TokenPlace): Promise<void> {
  const id = values.positional(1) ?? "";
  const isThere = hasRuns(place.stateDir) && (await revokeToken(place, id));
  if (!isThere) throw new BusbarError("TOKEN_NOT_FOUND", `no token in ${place.stateDir} has the id ${quoteWord(id)}`);
  if (values.flag("json")) await io.out.printData(`${JSON.stringify({ revoked: id })}\n`);
  else await io.out.print(`revoked ${id}\n`);
}

function usage(message: string): BusbarError {
  return new BusbarError("USAGE", `${message}. See \`busbar token --help\`.`);
}
