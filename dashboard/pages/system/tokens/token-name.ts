import type { Token } from "../../../api/shapes.ts";

/** What people call a token. */
export function tokenName({ id, name, own }: Token): string {
  return name ?? (own ? "the server's own" : `token ${id}`);
}

/** What people call somebody of the audit log: `token:ID` by the token's name, as long as it is there. */
export function nameOf(tokens: readonly Token[] | undefined, by: string): string {
  const token = tokens?.find(({ id }) => by === `token:${id}`);
  return token === undefined ? by.replace(/^token:/, "token ") : tokenName(token);
}
