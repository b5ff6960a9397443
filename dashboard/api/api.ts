import { createApiClient } from "./client.ts";

/** The API of the server that the pages came from. */
export const api = createApiClient("");
