// docs/guides/add-a-service.md: its code is that of examples/add-a-service, and what it says of the services is so.
import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { status } from "@grpc/grpc-js";
import { startServices } from "../examples/energy-pipeline/services/start.ts";
import { createJsonLog } from "../src/service/index.ts";
import { requirePeer } from "../src/testing/require.ts";
import { createServiceClient } from "../src/testing/service-client.ts";
import { parseWorkflow } from "../src/workflow/parse.ts";
import { EXAMPLE, VARIANTS } from "./add-a-service/variants.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const guide = readFileSync(join(root, "docs/guides/add-a-service.md"), "utf8");
const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", HOST: "127.0.0.1", PORT: "0" };

describe("docs/guides/add-a-service.md", () => {
  const shown = [...guide.matchAll(/\]\(\.\.\/\.\.\/(examples\/add-a-service\/[^)]+)\):\n\n```[a-z]+\n([\s\S]*?)```/g)];

  it("shows code of the example's files, as it stands there", () => {
    assert.ok(shown.length >= 6, `${shown.length} blocks`);
    for (const [, path = "", code = ""] of shown) {
      const file = readFileSync(join(root, path), "utf8");
      for (const part of code.split(/^\s*(?:#|\/\/) \[…\]\n/m)) assert.ok(file.includes(part), `${path}:\n${part}`);
    }
  });

  it("shows no other code in a language that the example has", () => {
    const blocks = guide.match(/```(?:python|ts|dockerfile|yaml)\n/g) ?? [];
    assert.equal(blocks.length, shown.length);
  });
});

const hadolint = requirePeer("hadolint", () =>
  spawnSync("hadolint", ["--version"]).status === 0 ? "hadolint" : undefined,
);

describe("the workflow files of the example", () => {
  for (const name of ["workflow.yaml", "workflow-docker.yaml"]) {
    it(`are valid: ${name}`, async () => {
      const parsed = await parseWorkflow({ fileName: name, text: readFileSync(join(EXAMPLE, name), "utf8") });
      assert.ok(parsed.ok, JSON.stringify(parsed));
    });
  }
});

describe("the Dockerfiles", () => {
  it("are as hadolint wants them", { skip: hadolint.skip }, () => {
    const files = VARIANTS.map(({ language }) => join(EXAMPLE, language, "Dockerfile"));
    files.push(fileURLToPath(new URL("../deploy/images/Dockerfile", import.meta.url)));
    const { status: code, stdout } = spawnSync("hadolint", files, { encoding: "utf8" });
    assert.deepEqual([code, stdout], [0, ""]);
  });
});

for (const variant of VARIANTS) {
  describe(`the service of another team in ${variant.language}`, { skip: variant.skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-add-a-service-"));
    const program = join(folder, "program");
    const data = join(folder, "data");
    const [command = "", ...args] = variant.service;
    let address = "";
    let service: ReturnType<typeof spawn> | undefined;
    let pipeline: Awaited<ReturnType<typeof startServices>> = [];

    before(async () => {
      if (variant.skip) return;
      mkdirSync(program);
      mkdirSync(data);
      variant.prepare(program);
      const child = spawn(command, args, {
        cwd: program,
        env: { ...env, DATA_ROOT: data },
        stdio: ["ignore", "pipe", "ignore"],
      });
      service = child;
      const died = once(child, "exit").then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
      const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), died]);
      died.catch(() => undefined);
      address = /^READY fingerprint (\S+)$/.exec(line)?.[1] ?? "";
      pipeline = await startServices({
        dataRoot: data,
        portBase: 0,
        signals: [],
        log: (name) => createJsonLog(name, () => undefined),
      });
    });

    after(async () => {
      await Promise.all(pipeline.map((each) => each.close(0)));
      if (service !== undefined && service.exitCode === null && service.signalCode === null) {
        service.kill("SIGKILL");
        await once(service, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    });

    const execute = async (input: string, output: string) => {
      const client = createServiceClient(address);
      try {
        return await client.execute(input, output);
      } finally {
        client.close();
      }
    };

    it("passes `busbar check`, and `busbar run` calls it behind the three others", async () => {
      const file = join(folder, "workflow.yaml");
      const addresses = [...pipeline.map((each) => each.address), address];
      const text = readFileSync(join(EXAMPLE, "workflow.yaml"), "utf8");
      writeFileSync(
        file,
        text.replaceAll(/localhost:5005([1-4])/g, (_, digit) => addresses[Number(digit) - 1] ?? ""),
      );
      const bin = join(root, "src/cli/bin.ts");
      const runEnv = { ...env, BUSBAR_STATE_DIR: join(folder, "state") };
      const busbar = (...rest: string[]) => promisify(execFile)(process.execPath, [bin, ...rest], { env: runEnv });

      await busbar("check", file);
      const { stderr } = await busbar("run", file);
      assert.match(stderr, /SHA-256 of energy_report\.csv is [0-9a-f]{12}…/);
      assert.match(stderr, /4 succeeded/);
      const report = readFileSync(join(data, "energy_report.csv"));
      assert.equal(
        readFileSync(join(data, "energy_report.csv.sha256"), "utf8"),
        `${createHash("sha256").update(report).digest("hex")}  energy_report.csv\n`,
      );
    });

    it("can be called with `buf curl` and the contract", async () => {
      writeFileSync(join(data, "a.txt"), "a\n");
      const [, line = ""] = /^npx buf ([^`]*?[^\\])\n/m.exec(guide) ?? [];
      const words = line.replaceAll("\\\n", " ").match(/'[^']*'|\S+/g) ?? [];
      const curl = words.map((word) => word.replaceAll("'", "").replace("localhost:50054", address));
      const { stdout } = await promisify(execFile)(process.execPath, [buf, ...curl], { cwd: root });
      assert.equal(JSON.parse(stdout).success, true);
    });

    it("answers success = false to what trying again does not mend, and touches nothing outside its root", async () => {
      writeFileSync(join(folder, "outside.txt"), "secret");
      for (const [input, output] of [
        ["../outside.txt", "out.sha256"],
        ["a.txt", "../out.sha256"],
        ["/etc/hostname", "out.sha256"],
      ] as const) {
        const refused = await execute(input, output);
        assert.equal(refused.success, false);
        assert.match(refused.message, /^\[Fingerprint\] Failed to execute: .*outside DATA_ROOT/);
      }
      const missing = await execute("no.txt", "out.sha256");
      assert.deepEqual(
        [missing.success, missing.message],
        [false, "[Fingerprint] Failed to execute: Input file not found: no.txt"],
      );
    });

    it("answers UNAVAILABLE to what may be mended in a moment", async () => {
      renameSync(data, `${data}-away`);
      try {
        await assert.rejects(execute("a.txt", "out.sha256"), { code: status.UNAVAILABLE });
      } finally {
        renameSync(`${data}-away`, data);
      }
    });

    it("says in one line why it cannot serve, and ends with 1", async () => {
      const taken = address.split(":").at(-1);
      const notThere = /^fingerprint cannot listen on \S+: .+\n$/;
      const noPort = /^\S+ must be a whole number from 0 to 65535, not .+\n$/i;
      for (const [more, reason] of [
        [{ PORT: taken }, notThere],
        [{ HOST: "192.0.2.1" }, notThere],
        [{ HOST: "nowhere.invalid" }, notThere],
        [{ PORT: "65536" }, noPort],
        [{ PORT: "-1" }, noPort],
        [{ PORT: "http" }, noPort],
      ] as const) {
        const {
          status: code,
          stdout,
          stderr,
        } = spawnSync(command, args, {
          cwd: program,
          env: { ...env, DATA_ROOT: data, ...more },
          encoding: "utf8",
          timeout: 20_000,
        });
        assert.match(stderr, reason);
        assert.deepEqual([code, stdout], [1, ""]);
      }
    });

    it("does the same work without gRPC", () => {
      const [once = "", ...rest] = variant.once;
      const [input, output] = [join(data, "b.txt"), join(data, "b.sha256")];
      writeFileSync(input, "b\n");
      assert.equal(spawnSync(once, [...rest, input, output], { cwd: program, env }).status, 0);
      const digest = createHash("sha256").update("b\n").digest("hex");
      assert.equal(readFileSync(output, "utf8"), `${digest}  b.txt\n`);
      assert.equal(spawnSync(once, [...rest, join(data, "no.txt"), output], { cwd: program, env }).status, 1);
    });

    it("is healthy until SIGTERM, which it obeys", { skip: process.platform === "win32" && "no signals" }, async () => {
      const [check = "", ...rest] = variant.healthCheck;
      const healthEnv = { ...env, PORT: address.split(":")[1] };
      const ask = () => spawnSync(check, [...rest], { cwd: program, env: healthEnv }).status;
      assert.equal(ask(), 0);
      assert.ok(service);
      const exited = once(service, "exit");
      service.kill("SIGTERM");
      assert.deepEqual(await exited, [0, null]);
      assert.equal(ask(), 1);
    });
  });
}
