// `npm ci` ends with this: it leaves a working `npx busbar`. Plain JavaScript that Node 20 can run, though npm
// puts node_modules/.bin first, so that it runs on the Node 24 that is installed there.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

if (!existsSync(fileURLToPath(new URL("node_modules/esbuild", root)))) {
  process.stderr.write("busbar: not built, because the development packages are not installed\n");
} else if (Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(
    `busbar: not built: this is Node.js ${process.versions.node}, and the package "node" that brings Node.js 24 has not\n` +
      "run its install script. Allow it (npm ci --ignore-scripts=false), then npm run build.\n",
  );
  process.exitCode = 1;
} else {
  await import("./build.ts");
}
