/**
 * What is wrong with the values of an option: a text says why none may be used; `unless` excepts those that match;
 * a function looks at the value itself and says why, or undefined.
 */
export type OptionRule =
  | string
  | { readonly unless: RegExp; readonly why: string }
  | ((value: string) => string | undefined);

/** By the long names of options, without dashes. */
export type OptionRules = { readonly [name: string]: OptionRule };

/** Why the option may not have the value; undefined where no rule is against it. */
export function applyOptionRules(rules: OptionRules, name: string, value: string): string | undefined {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule === undefined || typeof rule === "string") return rule;
  if (typeof rule === "function") return rule(value);
  return rule.unless.test(value) ? undefined : rule.why;
}

/** A rule for a flag, which may be switched off. */
export function unlessFalse(why: string): OptionRule {
  return { unless: /^false$/, why };
}
