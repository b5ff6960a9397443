// The program in docs/guides/write-a-service.md, run as it stands.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { createServiceClient } from "../src/testing/service-client.ts";

const guide = readFileSync(new URL("../docs/guides/write-a-service.md", import.meta.url), "utf8");
const code = /```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";

describe("docs/guides/write-a-service.md", () => {
  it("shows a whole service in 20 lines", () => {
    const lines = code.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("//"));
    assert.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines`);
  });

  it("shows a program that works: it counts words, refuses what is outside its root, and stops", async () => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-guide-"));
    const program = join(folder, "word-counter.mjs");
    // The package is not built here: its name is replaced by the place of its source.
    writeFileSync(
      program,
      code.replace('"busbar/service"', JSON.stringify(new URL("../src/service/index.ts", import.meta.url).href)),
    );
    writeFileSync(join(folder, "book.txt"), "It was a dark\nand stormy night.\n");
    const env = { ...process.env, PORT: "0", DATA_ROOT: folder };
    const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "ignore"] });
    const exited = once(child, "exit");
    try {
      const [line] = await once(createInterface({ input: child.stdout }), "line");
      const [, address = ""] = /^READY word-counter (\S+)$/.exec(line) ?? [];
      const client = createServiceClient(address);
      assert.equal((await client.check("")).status, 1);
      const response = await client.execute("book.txt", "count.txt");
      assert.deepEqual([response.success, response.message], [true, "Counted 7 words"]);
      assert.equal(readFileSync(join(folder, "count.txt"), "utf8"), "7\n");
      assert.match((await client.execute("../book.txt", "count.txt")).message, /is outside DATA_ROOT/);
      client.close();
    } finally {
      child.kill("SIGTERM");
      const [code] = await exited;
      rmSync(folder, { recursive: true, force: true });
      if (process.platform !== "win32") assert.equal(code, 0);
    }
  });
});
