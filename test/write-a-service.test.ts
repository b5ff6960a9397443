// The program in docs/guides/write-a-service.md, run as it stands.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { createServiceClient } from "../src/testing/service-client.ts";
import { startForTest } from "../src/testing/started-service.ts";
import { createCli } from "./cli/harness.ts";

const guide = readFileSync(new URL("../docs/guides/write-a-service.md", import.meta.url), "utf8");
const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
const code = /```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";

describe("docs/guides/write-a-service.md", () => {
  it("shows a whole service in 20 lines", () => {
    const lines = code.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("//"));
    assert.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines`);
  });

  /** The program as a file of a folder that is also its data root. */
  function writeProgram(test: TestContext): { readonly folder: string; readonly program: string } {
    const folder = mkdtempSync(join(tmpdir(), "busbar-guide-"));
    test.after(() => rmSync(folder, { recursive: true, force: true }));
    const program = join(folder, "word-counter.mjs");
    // The package is not built here: its name is replaced by the place of its source.
    writeFileSync(
      program,
      code.replace('"busbar/service"', JSON.stringify(new URL("../src/service/index.ts", import.meta.url).href)),
    );
    return { folder, program };
  }

  it("shows a program that works: it counts words, refuses what is outside its root, and stops", async (test) => {
    const { folder, program } = writeProgram(test);
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
      rmSync(join(folder, "count.txt"));
      assert.deepEqual(await runLine(address), { success: true, message: "Counted 7 words" });
      assert.equal(readFileSync(join(folder, "count.txt"), "utf8"), "7\n");
    } finally {
      child.kill("SIGTERM");
      const [code] = await exited;
      if (process.platform !== "win32") assert.equal(code, 0);
    }
  });

  /** The `buf curl` line as it stands there, but for the port. */
  async function runLine(address: string): Promise<unknown> {
    const [, line = ""] = /```sh\nnpx @bufbuild\/buf ([\s\S]*?)\n```/.exec(guide) ?? [];
    const words = line.replaceAll("\\\n", " ").match(/'[^']*'|\S+/g) ?? [];
    const port = address.split(":").at(-1);
    const args = words.map((word) => word.replaceAll("'", "").replace("localhost:50054", `localhost:${port}`));
    const { stdout } = await promisify(execFile)(process.execPath, [buf, ...args]);
    return JSON.parse(stdout);
  }

  it("shows a program that says in one line why it cannot start", async (test) => {
    const { folder, program } = writeProgram(test);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    test.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    for (const [wanted, reason] of [
      [
        String(port),
        /^word-counter cannot listen on 127\.0\.0\.1:\d+: something else listens there \(EADDRINUSE\); .*\n$/,
      ],
      ["http", /^options\.port must be a whole number from 0 to 65535, not NaN\n$/],
    ] as const) {
      const env = { ...process.env, PORT: wanted, DATA_ROOT: folder };
      const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "ignore", "pipe"] });
      const [err, [exit]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      assert.match(err, reason);
      assert.equal(exit, 1);
    }
  });

  it("says how nodes wait for a service that is full", async (test) => {
    const [, retry = ""] = /`(retry: \{[^`]*RESOURCE_EXHAUSTED[^`]*\})`/.exec(guide) ?? [];
    const refused = Promise.withResolvers<void>();
    const { service, lines } = await startForTest(
      test,
      async () => {
        await refused.promise;
        return "done";
      },
      {
        maxConcurrency: 1,
        async interceptor(_request, _context, next) {
          if ((await next()).status === "RESOURCE_EXHAUSTED") refused.resolve();
        },
      },
    );
    const cli = createCli();
    test.after(() => cli.close());
    const node = `{ service: s, input_file: a, output_file: b, ${retry} }`;
    cli.write(
      "w.yaml",
      `workflow_name: w\nservice_registry: { s: "${service.address}" }\ncontainers:\n  one: ${node}\n  two: ${node}\n`,
    );
    const { code, stderr } = await cli.run(["run", "w.yaml"]);
    assert.equal(code, 0, stderr);
    assert.ok(
      lines.some(({ message }) => String(message).startsWith("RESOURCE_EXHAUSTED: sorter is at work on as many calls")),
    );
  });
});
