// Lighthouse, from a package of its own (test/lighthouse): accessibility is to be whole, performance is reported.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import chromium from "@sparticuz/chromium";
import { RUNS, startWorld, type World } from "./world.ts";

const tools = fileURLToPath(new URL("../lighthouse/", import.meta.url));
const program = join(tools, "node_modules", "lighthouse", "cli", "index.js");
/** The stream of events never ends: Lighthouse would wait for that as long as it may. */
const MAX_WAIT_MS = 5_000;

interface Report {
  readonly categories: { readonly [id: string]: { readonly score: number } };
  readonly audits: { readonly [id: string]: { readonly score: number | null; readonly title: string } };
}

describe("Lighthouse", { timeout: 120_000 }, () => {
  let world: World;
  let folder = "";
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "busbar-lighthouse-"));
    world = await startWorld();
  });
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const path of ["/runs", `/runs/${RUNS.failed}`]) {
    it(`finds nothing that keeps people out of ${path}`, async (test) => {
      const file = join(folder, "report.json");
      const args = [
        ...[
          program,
          `${world.url}${path}`,
          "--quiet",
          "--preset=desktop",
          `--max-wait-for-load=${MAX_WAIT_MS}`,
          "--output=json",
          `--output-path=${file}`,
        ],
        ...[
          "--only-categories=accessibility,performance",
          "--chrome-flags=--headless=shell --no-sandbox --disable-gpu",
        ],
      ];
      const env = { ...process.env, CHROME_PATH: await chromium.executablePath(), TMPDIR: folder };
      await promisify(execFile)(process.execPath, args, { env });
      const { categories, audits } = JSON.parse(readFileSync(file, "utf8")) as Report;
      const failed = Object.values(audits).flatMap(({ score, title }) => (score === 0 ? [title] : []));
      assert.equal(categories.accessibility?.score, 1, failed.join("\n"));
      test.diagnostic(`performance ${categories.performance?.score}`);
    });
  }
});
