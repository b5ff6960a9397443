// Uploads of a process that is killed at any moment: what was answered is there, and a file is always whole.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openServerLibrary } from "../src/app/server/workflow-library.ts";
import { createShared } from "../src/app/shared.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import { textOf } from "./uploads/text.ts";

const uploader = fileURLToPath(new URL("uploads/uploader.ts", import.meta.url));
const KILLS = 12;

describe("uploads of a process that is killed", { timeout: 120_000 }, () => {
  let stateDir = "";
  before(() => {
    stateDir = mkdtempSync(join(tmpdir(), "busbar-uploads-"));
  });
  after(() => rmSync(stateDir, { recursive: true, force: true }));

  /** Kills it in the middle of an upload, a little later each time. @returns the last one that was answered */
  async function uploadUntilKilled(first: number, delayMs: number): Promise<number> {
    const child = spawn(process.execPath, [uploader, stateDir, String(first)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let said = "";
    child.stdout.setEncoding("utf8");
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.split("\n").length > 4 && !child.killed) {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        child.kill("SIGKILL");
      }
    }
    await exited;
    return Number(said.trimEnd().split("\n").at(-1));
  }

  it("are there once they were answered, each as a whole, and the next process goes on from them", async () => {
    let answered = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      answered = await uploadUntilKilled(answered + 1, kill);
      const shared = createShared(createSecrets(() => undefined));
      const library = openServerLibrary({ stateDir, onTrouble: (trouble) => assert.fail(String(trouble)) }, shared);
      const listing = await library.list();
      const { history, definition_hash = "" } = await library.get("uploaded");
      const numberOf = async (version: string): Promise<number> => {
        const { definition } = await library.read("uploaded", version);
        const number: unknown = JSON.parse(definition.text)["x-number"];
        assert.equal(definition.text, textOf(Number(number)).text);
        return Number(number);
      };
      const now = await numberOf(definition_hash);
      // One that was not answered may have been stored.
      assert.ok(now === answered || now === answered + 1, `${now} is there, and ${answered} was answered`);
      const versions = await Promise.all(history.map((version) => numberOf(version.definition_hash)));
      for (let number = Math.max(1, answered - 50); number <= answered; number += 1) {
        assert.ok(versions.includes(number), `${number} was answered, and is no version`);
      }
      // Where the format changed, the file before may stand beside the new one; it is told so, and has not the name.
      const valid = listing.filter((one) => one.valid);
      assert.deepEqual(
        valid.map(({ name }) => name),
        ["uploaded"],
      );
      for (const other of listing.filter((one) => !one.valid)) {
        assert.deepEqual(
          other.diagnostics.map(({ code }) => code),
          ["WORKFLOW_DUPLICATE_NAME"],
        );
        rmSync(join(stateDir, "workflows", other.file));
      }
      await library.close();
      const files = readdirSync(join(stateDir, "workflows")).filter((name) => !name.startsWith("."));
      assert.equal(files.length, 1);
      JSON.parse(readFileSync(join(stateDir, "workflows", files[0] ?? ""), "utf8"));
      answered = now;
    }
  });
});
