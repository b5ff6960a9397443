/** A line of a document that stands for any lines. */
const ANY = "…";

/** What differs from run to run and says nothing: times of day, ids of runs, durations. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b\d{2}:\d{2}:\d{2}\.\d{3}Z/g, "TIME"],
  [/\b\d{8}T\d{6}-[a-z0-9]+\b/g, "RUN-ID"],
  [/\b\d+(?:\.\d+)? (?:ms|s|min|h)\b(?: \d+ (?:ms|s|min)\b)?/g, "DURATION"],
];

/** @returns what a document says and was not printed, or the reverse; undefined where they agree */
export function findDifference(documented: readonly string[], printed: readonly string[]): string | undefined {
  const wanted = documented.map(normalize);
  const found = printed.map(normalize);
  let at = 0;
  for (const [index, line] of wanted.entries()) {
    if (line === ANY) {
      const next = wanted[index + 1];
      // The last that could be meant: what is printed between may hold the same line.
      at = next === undefined ? found.length : found.indexOf(next, at);
      if (at === -1) return `nothing like ${JSON.stringify(documented[index + 1])} was printed`;
    } else if (found[at] !== line) {
      return `the document says ${JSON.stringify(documented[index])}, printed was ${JSON.stringify(printed[at])}`;
    } else {
      at += 1;
    }
  }
  return at < found.length ? `more was printed: ${JSON.stringify(printed[at])}` : undefined;
}

/** The id of the last run that is named in a text. */
export function findRunId(text: string): string | undefined {
  return text.match(/\b\d{8}T\d{6}-[a-z0-9]+\b/g)?.at(-1);
}

function normalize(line: string): string {
  return VARYING.reduce((text, [pattern, word]) => text.replace(pattern, word), line.trimEnd());
}
