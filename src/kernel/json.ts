/** What JSON can say. Requests and outputs of nodes are opaque values of this type to engine and journal. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };
