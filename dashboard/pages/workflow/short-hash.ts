/** A version as people tell it from others: the first 12 digits of its hash. @param hash `sha256:…` */
export function shortHash(hash: string): string {
  return hash.replace(/^sha256:/, "").slice(0, 12);
}
