/**
 * What the thread that reads large YAML begins with: while developing, the file beside this one. The build puts the text
 * of the program in its place (scripts/inline-yaml-thread.ts), so that who bundles the library has no second file to
 * find.
 */
export const YAML_THREAD: URL | string = new URL("./yaml-worker.ts", import.meta.url);
