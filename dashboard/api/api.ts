import { createApiClient } from "./client.ts";

/** Told on the window when the server does not know who asks: nobody is signed in, or not any more. */
export const UNKNOWN_CALLER = "busbar:unknown-caller";

/** Told on the window when the reader has signed in. */
export const KNOWN_CALLER = "busbar:known-caller";

/** The API of the server that the pages came from. */
export const api = createApiClient("", {}, ({ code }) => {
  if (code === "TOKEN_REQUIRED") dispatchEvent(new Event(UNKNOWN_CALLER));
});
