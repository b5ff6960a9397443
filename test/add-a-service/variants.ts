// The service of examples/add-a-service in each of its languages, made ready in a folder as its guide says.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requirePython } from "../../src/testing/python.ts";

export const EXAMPLE = fileURLToPath(new URL("../../examples/add-a-service/", import.meta.url));
const PROTO = fileURLToPath(new URL("../../proto/energy_pipeline.proto", import.meta.url));

export interface Variant {
  readonly language: string;
  readonly skip: string | false;
  /** Generates or bundles into an empty folder. */
  prepare(folder: string): void;
  /** Each a command and its arguments, for the folder that was prepared. */
  readonly service: readonly string[];
  readonly healthCheck: readonly string[];
  readonly once: readonly string[];
}

const python = requirePython("grpcio-tools", ["grpc", "grpc_health", "grpc_tools"]);
const command = python.found ? python.peer : "";

export const VARIANTS: readonly Variant[] = [
  {
    language: "python",
    skip: python.skip,
    prepare(folder) {
      cpSync(join(EXAMPLE, "python"), folder, { recursive: true });
      copyFileSync(PROTO, join(folder, "energy_pipeline.proto"));
      const args = "-m grpc_tools.protoc -I. --python_out=. --grpc_python_out=. energy_pipeline.proto";
      execFileSync(command, args.split(" "), { cwd: folder });
    },
    service: [command, "service.py"],
    healthCheck: [command, "health_check.py"],
    once: [command, "fingerprint.py"],
  },
  {
    language: "typescript",
    skip: false,
    prepare: bundle,
    service: [process.execPath, "service.cjs"],
    healthCheck: [process.execPath, "health-check.cjs"],
    once: [process.execPath, "once.cjs"],
  },
];

/** `npm run build` of the example, into another folder. In a clone `busbar/service` is found through tsconfig.json. */
export function bundle(folder: string): void {
  const cwd = join(EXAMPLE, "typescript");
  const { scripts } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  const [, ...args] = String(scripts.build).replace("--outdir=dist", `--outdir=${folder}`).split(" ");
  execFileSync(createRequire(import.meta.url).resolve("esbuild/bin/esbuild"), [...args, "--log-level=warning"], {
    cwd,
  });
}
