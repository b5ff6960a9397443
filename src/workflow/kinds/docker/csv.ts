/**
 * One record of RFC 4180 as Go's encoding/csv reads it, which is how `--mount` and the long form of `--network`
 * are read: a field is quoted as a whole or not at all, `""` is a quote within one. A line break
 * stands in quotes only, and no carriage return anywhere, of which Go loses some.
 * @returns undefined where it is not one well-formed record
 */
export function parseCsv(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const field = /^(?:"((?:[^"\r]|"")*)"|([^",\r\n]*))(?=,|$)/.exec(text.slice(at));
    if (field === null) return undefined;
    fields.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? "");
    at += field[0].length;
    if (at === text.length) return fields;
    at += 1;
  }
}

export function formatCsv(fields: readonly string[]): string {
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}
