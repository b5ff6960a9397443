/** By the end of a name. What a browser would run or draw is none of them: it is text, or bytes. */
const TYPES: { readonly [ending: string]: string } = {
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  jsonl: "application/jsonl",
  ndjson: "application/jsonl",
  log: "text/plain; charset=utf-8",
  md: "text/plain; charset=utf-8",
  pb: "application/protobuf",
  txt: "text/plain; charset=utf-8",
};

export function mediaTypeOf(name: string): string {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(TYPES, ending) ? (TYPES[ending] ?? UNKNOWN) : UNKNOWN;
}

const UNKNOWN = "application/octet-stream";
