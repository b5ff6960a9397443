import type { Plugin } from "esbuild";

/**
 * Node's own modules, taken when the code runs instead of imported: what one of them lacks on an older Node (all of
 * node:sqlite on 20) then fails after src/require-node.ts had its say, not before anything runs.
 */
export const takeBuiltInModules: Plugin = {
  name: "take-built-in-modules",
  setup(hooks) {
    hooks.onResolve({ filter: /^node:/ }, ({ path, kind }) => ({
      path,
      namespace: kind === "dynamic-import" ? "built-in-later" : "built-in",
      sideEffects: false,
    }));
    hooks.onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
    // Of CommonJS an import() would have the default alone.
    hooks.onLoad({ filter: /.*/, namespace: "built-in-later" }, ({ path }) => ({
      contents: `const all = process.getBuiltinModule(${JSON.stringify(path)});
export default all;
export const { ${namesOf(path).join(", ")} } = all;`,
      loader: "js",
    }));
  },
};

function namesOf(path: string): readonly string[] {
  return Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
}
