/** Over TLS a name that no other host and no unencrypted page can set (RFC 6265bis, "__Host-"). */
const SECURE_NAME = "__Host-busbar";
const PLAIN_NAME = "busbar-session";

/** @param header `Cookie` of a request */
export function readSessionCookie(header: string | undefined, isSecure: boolean): string | undefined {
  const name = isSecure ? SECURE_NAME : PLAIN_NAME;
  for (const pair of header?.split(";") ?? []) {
    const [key = "", value] = pair.trim().split("=", 2);
    if (key === name && value !== undefined && value !== "") return value;
  }
  return undefined;
}

/** `Set-Cookie` of a response; without a session the browser forgets the one it has. */
export function writeSessionCookie(session: string | undefined, isSecure: boolean): string {
  const name = isSecure ? SECURE_NAME : PLAIN_NAME;
  const age = session === undefined ? "; Max-Age=0" : "";
  return `${name}=${session ?? ""}; Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}${age}`;
}
