import { build, type Plugin } from "esbuild";

/** In place of the address of the thread's program, its text (src/adapters/workflow-file/yaml-thread.ts). */
export const inlineYamlThread: Plugin = {
  name: "inline-yaml-thread",
  setup(hooks) {
    hooks.onLoad({ filter: /[\\/]yaml-thread\.ts$/ }, async ({ path }) => {
      const program = path.replace(/yaml-thread\.ts$/, "yaml-worker.ts");
      const { outputFiles } = await build({
        entryPoints: [program],
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        minify: true,
        write: false,
        logLevel: "warning",
      });
      return { contents: `export const YAML_THREAD = ${JSON.stringify(outputFiles[0]?.text)};`, loader: "js" };
    });
  },
};
