/** Commands that work on the server's own state directory, not over HTTP (src/cli/format-command.ts). */
const SERVERLESS = /^(?:doctor|prune|serve|token)(?: |$)/;

/**
 * What a person types to do the same: `resume r1` → `busbar resume r1 --server http://…`. What no command does is a
 * whole line of its own, which begins with `curl`, and stays as it is.
 * @param origin of the server
 */
export function commandLine(words: string, origin: string = location.origin): string {
  if (words.startsWith("curl ")) return words;
  return SERVERLESS.test(words) ? `busbar ${words}` : `busbar ${words} --server ${origin}`;
}

/** An operation of the API as a line to type. @param body sent as JSON */
export function curlLine(method: string, path: string, body?: unknown, origin: string = location.origin): string {
  const sent =
    body === undefined ? "" : ` -H 'content-type: application/json' -d ${quoteArgument(JSON.stringify(body))}`;
  return `curl -f -X ${method} -H "authorization: Bearer $BUSBAR_TOKEN"${sent} ${quoteArgument(`${origin}/api/v1${path}`)}`;
}

/** As one word of a line in a POSIX shell. */
export function quoteArgument(text: string): string {
  return /^[\w:/.@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
