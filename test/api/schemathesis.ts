// Schemathesis (https://schemathesis.io), which makes requests of a description and holds the answers against it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiDocument } from "../../src/api/description.ts";
import { operationsOf } from "../../src/api/docs/page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface SchemathesisOptions {
  readonly url: string;
  readonly token?: string;
  readonly seed: number;
  readonly seconds: number;
  /** What is there, by where it is named (`path.run_id`), so that more than "not found" is met. */
  readonly known: { readonly [place: string]: readonly string[] };
}

/** Installs it, with all that it needs as pinned, where it is not there yet. @returns the command */
export function ensureSchemathesis(): string {
  const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(root, "node_modules", ".cache", `schemathesis-${hash}`);
  const command = join(folder, process.platform === "win32" ? "Scripts/st.exe" : "bin/st");
  if (existsSync(join(folder, "complete"))) return command;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, ".."), { recursive: true });
  run(process.env.BUSBAR_PYTHON ?? "python3", ["-m", "venv", folder]);
  const pip = process.platform === "win32" ? "Scripts/pip.exe" : "bin/pip";
  run(join(folder, pip), ["install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]);
  writeFileSync(join(folder, "complete"), "");
  return command;
}

/** @returns its exit code: 0 where nothing was found */
export async function runSchemathesis(command: string, options: SchemathesisOptions): Promise<number> {
  const { url, token, seed, seconds } = options;
  const document = (await (
    await fetch(`${url}/api/openapi.json`, { headers: headersOf(token) })
  ).json()) as ApiDocument;
  const folder = mkdtempSync(join(tmpdir(), "busbar-schemathesis-"));
  try {
    const config = join(folder, "schemathesis.toml");
    writeFileSync(config, configOf(document, options.known));
    const args = ["--config-file", config, "run", `${url}/api/openapi.json`, "--checks", "all", "--no-color"];
    args.push("--seed", String(seed), "--max-time", String(seconds), "--request-timeout", "30", "--warnings", "off");
    for (const [name, value] of Object.entries(headersOf(token))) args.push("--header", `${name}: ${value}`);
    const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function headersOf(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/**
 * What a schema cannot say: that a place in a list is one that was given, and a text a workflow. Operations that say of
 * themselves that they may refuse a request for that may do so.
 */
function configOf(document: ApiDocument, known: SchemathesisOptions["known"]): string {
  // What is too long for a request at all is refused before its values are looked at.
  const accepted = ["2xx", "401", "403", "404", "409", "429", "431"];
  const rejected = ["400", "401", "403", "404", "405", "406", "409", "411", "413", "415", "422", "429", "431"];
  const lines = [
    `checks.positive_data_acceptance.expected-statuses = ${JSON.stringify(accepted)}`,
    `checks.negative_data_rejection.expected-statuses = ${JSON.stringify(rejected)}`,
    "",
  ];
  for (const [place, values] of Object.entries(known)) {
    lines.push(`[dictionaries."${place}"]`, `values = ${JSON.stringify(values)}`, "");
  }
  lines.push("[parameters]");
  for (const place of Object.keys(known)) lines.push(`"${place}" = { dictionary = "${place}", probability = 0.7 }`);
  for (const { method, path, operation } of operationsOf(document)) {
    // Given the tokens that there are, it would revoke its own.
    const isLast = operation.operationId === "revokeToken";
    const refusing = [
      ...(/USAGE|UNKNOWN|ID_INVALID/.test(operation.responses[400]?.description ?? "") ? [400] : []),
      ...(operation.responses[413] === undefined ? [] : [413]),
      ...(operation.responses[422] === undefined ? [] : [422]),
    ];
    if (refusing.length === 0 && !isLast) continue;
    const statuses = [...accepted, ...refusing.map(String)];
    lines.push("", "[[operations]]", `include-name = ${JSON.stringify(`${method} ${path}`)}`);
    if (isLast) lines.push("phases.stateful.enabled = false");
    lines.push(`checks.positive_data_acceptance.expected-statuses = ${JSON.stringify(statuses)}`);
  }
  return `${lines.join("\n")}\n`;
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status ?? error?.message}`);
}
