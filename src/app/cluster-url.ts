import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";

/**
 * The address of a part of a cluster, without a slash at its end.
 * @param what whose it is, for messages
 * @param example one that is right
 * @throws BusbarError USAGE
 */
export function readClusterUrl(what: string, text: string, example: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): never => {
    throw new BusbarError("USAGE", `${what} ${quoteWord(escapeUnseen(text))} ${why}`);
  };
  if (url?.protocol === "https:") return refuse(`has https, which is not spoken within a cluster: ${example}`);
  if (url?.protocol !== "http:") return refuse(`is no URL as ${example} is`);
  if (url.username !== "" || url.password !== "") return refuse("has a password in it, which Restate does not ask for");
  if (url.search !== "" || url.hash !== "") return refuse("has more in it than a host, a port and a path");
  return url.href.replace(/\/+$/, "");
}
