// Why a connection was lost under its calls, and what that means for each of them.
import { type End, endOfFault, type Goaway, MAX_HEADER_BYTES } from "./exchange.ts";
import { Code, Http2Code } from "./status.ts";

/** What is known of a connection that was lost. */
export interface Loss {
  /** A ping was not answered. */
  readonly isUnanswered: boolean;
  readonly isFlooded: boolean;
  readonly goaway: Goaway | undefined;
  /** The first error of session or socket. */
  readonly error: NodeJS.ErrnoException | undefined;
  /** The stream whose header block was open then, if that is watched. */
  readonly openHeaders: number | undefined;
  /** Whether one call alone was on it. */
  readonly isAlone: boolean;
}

/** NGHTTP2_ERR_FLOODED: more is to be acknowledged than nghttp2 keeps, before we have looked at any of it. */
const FLOODED = -904;

/** Node's words of it: the first are of a session that it ended over empty frames. */
function isFlood(error: NodeJS.ErrnoException | undefined): boolean {
  const { code, errno } = error ?? {};
  return code === "ERR_HTTP2_TOO_MANY_INVALID_FRAMES" || (code === "ERR_HTTP2_ERROR" && errno === FLOODED);
}

/** How the call on stream `id` ends. */
export function causeOfLoss(loss: Loss, id: number | undefined): End {
  const { goaway, error, openHeaders } = loss;
  if (loss.isUnanswered) return endOfFault(Code.UNAVAILABLE, { kind: "unanswered" });
  if (loss.isFlooded || isFlood(error)) return endOfFault(Code.UNAVAILABLE, { kind: "broken", what: "flood" });
  if (goaway !== undefined && goaway.code !== Http2Code.NO_ERROR) {
    const { code, debug } = goaway;
    return endOfFault(Code.UNAVAILABLE, { kind: "goaway", httpCode: code, debug });
  }
  // nghttp2 could not read what came. `errno` is its own then, and the codes of the system are names.
  if (error?.code === "ERR_HTTP2_ERROR") {
    if (openHeaders !== undefined && openHeaders === id) {
      return endOfFault(Code.INTERNAL, { kind: "headersTooLarge", limit: MAX_HEADER_BYTES });
    }
    if (loss.isAlone) return endOfFault(Code.INTERNAL, { kind: "broken", what: "reply" });
    const what = openHeaders === undefined ? "frames" : "headersOfAnotherCall";
    return endOfFault(Code.UNAVAILABLE, { kind: "broken", what });
  }
  const code = error?.code;
  return endOfFault(Code.UNAVAILABLE, code === undefined ? { kind: "lost" } : { kind: "lost", code });
}
