/** What becomes of an option of a container. */
export type Judgement =
  /** As the engine's client gets it; undefined where Busbar does the same itself and leaves it out. */
  | { readonly option: string | undefined }
  /** It cannot be, and what to do where that is more than the message says. */
  | { readonly invalid: string; readonly remedy?: string }
  /** It gives power over the machine; `entry` in `docker.allow` would let it through. */
  | { readonly power: string; readonly entry: string };

/** Of a flag: whether it is set. */
export type OptionValue = string | boolean;

/** One word, so that nothing of it can become another option. */
export function canonicalOption(name: string, value: OptionValue): string {
  return value === true ? `--${name}` : `--${name}=${value}`;
}

/** How a file would permit what it does not yet. */
export function notAllowed({ power, entry }: { readonly power: string; readonly entry: string }): string {
  return `${power}; to allow it, say so at the top of the file: docker: { allow: [${JSON.stringify(entry)}] }`;
}
