// docs/guides/dashboard.md: the demo with its dashboard.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createApiClient } from "../../dashboard/api/client.ts";
import { ensureBuilt } from "../../scripts/built.ts";

const script = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));
const skip = process.platform === "win32" && "Windows has no signals to send";

describe("npm run demo -- --serve", { skip }, () => {
  let folder = "";
  before(() => {
    ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), "busbar-demo-serve-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start() {
    const args = ["--serve", "--port", "0", "--data-root", join(folder, "data"), "--state-dir", join(folder, "state")];
    const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = Promise.all([text(child.stderr), once(child, "exit")]);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.startsWith("Ctrl-C")) break;
    }
    const said = lines.join("\n");
    const [, url = ""] = /^READY (\S+)$/m.exec(said) ?? [];
    const runs = [...said.matchAll(/\/runs\/([\w-]+)/g)].map((match) => match[1] ?? "");
    const token = readFileSync(join(folder, "state", "server-token"), "utf8").trim();
    return { child, ended, url, runs, api: createApiClient(url, { authorization: `Bearer ${token}` }) };
  }

  it("has a run that succeeded and one that failed and can be resumed, and ends all of it on Ctrl-C; and again", {
    timeout: 120_000,
  }, async () => {
    let failedBefore = "";
    for (const time of [1, 2]) {
      const { child, ended, url, runs, api } = await start();
      const [finished = "", failed = ""] = runs;
      const get = (run_id: string) => api.call("get", "/api/v1/runs/{run_id}", { path: { run_id } });
      assert.equal((await get(finished)).status, "succeeded");
      const { status, explanation } = await get(failed);
      assert.deepEqual([status, explanation.cause?.kind], ["failed", "node"]);
      // What it failed of is over.
      await api.call("post", "/api/v1/runs/{run_id}/resume", { path: { run_id: failed }, body: {} });
      const { end } = await api.call("get", "/api/v1/runs/{run_id}/wait", { path: { run_id: failed } });
      assert.equal(end?.type, "run.succeeded");
      assert.match(await (await fetch(url)).text(), /<title>/);
      assert.notEqual(failed, failedBefore, `one that fails is made anew (${time})`);
      failedBefore = failed;
      child.kill("SIGINT");
      const [stderr, [code]] = await ended;
      assert.equal(code, 0, stderr);
      await assert.rejects(fetch(url), "nothing listens any more");
    }
  });
});
