// Texts of others (a service's words, the system's reasons) end as they like. Before something of ours may follow them,
// they are made to end as it needs. Signs are looked for from where a row of them begins: of thousands, each would be gone
// through to its end otherwise.

/** Closed as a sentence, for another one to follow: nothing is added to what ends in a sign of its own. */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd();
  return /[.!?\u2026][\p{Pe}\p{Pf}"']?$/u.test(trimmed) ? trimmed : `${trimmed.replace(/(?<![\s;:,])[\s;:,]+$/u, "")}.`;
}

/** `one; two; three`, of texts that each may end as they like. */
export function joinClauses(texts: readonly string[], sign = "; "): string {
  return texts.map((text, index) => (index < texts.length - 1 ? asClause(text) : text)).join(sign);
}

/** Open as a clause, for `; more` or `, more` to follow. */
export function asClause(text: string): string {
  const trimmed = text.trimEnd();
  return /(?:\u2026|\.{3})$/.test(trimmed) ? trimmed : trimmed.replace(/(?<![\s.;:,!?])[\s.;:,!?]+$/u, "");
}
