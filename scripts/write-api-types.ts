// Writes the types of the API for whoever calls it from a browser, made of its description: npm run generate
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** @param output the file to write */
export function writeApiTypes(output: string): void {
  const command = path("test/api/node_modules/openapi-typescript/bin/cli.js");
  const args = [command, path("docs/reference/openapi.json"), "--immutable", "--output", output];
  const { status, stderr, error } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openapi-typescript ended with ${status ?? error?.message}: ${stderr}`);
}

if (import.meta.main) writeApiTypes(path("dashboard/api/schema.ts"));
