import type { Plugin } from "esbuild";

/**
 * Node's own modules, taken when the code runs instead of imported: what one of them lacks on an older Node (all of
 * node:sqlite on 20) then fails after src/require-node.ts had its say, not before anything runs.
 */
export const takeBuiltInModules: Plugin = {
  name: "take-built-in-modules",
  setup(hooks) {
    hooks.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "built-in", sideEffects: false }));
    hooks.onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};
