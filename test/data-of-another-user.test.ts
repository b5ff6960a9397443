// A mounted folder belongs to whoever made it on the host, mostly not to the user that a service runs as.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { asOtherUser, otherUser, otherUserSkip, takenAway } from "../src/testing/other-user.ts";
import { type Cli, chain, createCli } from "./cli/harness.ts";

const program = fileURLToPath(new URL("../examples/energy-pipeline/services/main.ts", import.meta.url));

let cli: Cli;
let data: string;
beforeEach(() => {
  cli = createCli();
  for (const folder of [dirname(cli.folder), cli.folder]) chmodSync(folder, statSync(folder).mode | 0o755);
  data = join(cli.folder, "data");
  mkdirSync(data);
});
afterEach(() => {
  chmodSync(data, 0o755);
  return cli.close();
});

const me = process.getuid?.();
const cases: readonly { readonly title: string; readonly spoil: () => void; readonly why: RegExp }[] = [
  {
    title: "that may not be written",
    spoil: () => chmodSync(data, 0o555),
    why: new RegExp(
      `energy_data\\.csv cannot be written: \\S*/data belongs to user ${me}, group \\d+ \\(mode 0555\\), and this process runs as user ${otherUser}, group \\d+; give it to this user \\(chown -R ${otherUser}:\\d+ \\S*/data, on the host where it is mounted\\), or run as its owner`,
    ),
  },
  {
    title: "that may not be entered",
    spoil: () => chmodSync(data, takenAway(0o700)),
    why: new RegExp(`cannot be read: \\S*/data belongs to user ${me}, .* \\(chown -R ${otherUser}:`),
  },
];

describe("a data folder of another user", { skip: otherUserSkip() }, () => {
  for (const { title, spoil, why } of cases) {
    it(`${title} is named by the run, with its owner and what to do`, async () => {
      spoil();
      const [file = "", ...args] = [...asOtherUser, process.execPath, program];
      const env = { ...process.env, SERVICE: "energy-generator", DATA_ROOT: data, PORT: "0" };
      const service = spawn(file, args, { env, stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(service, "exit");
      const [line] = await once(createInterface(service.stdout), "line");
      const address = /^READY \S+ (\S+)$/.exec(String(line))?.[1] ?? "";
      try {
        cli.write(
          "p.json",
          chain({ a: address }, { containers: { a: { input_file: "in", output_file: "energy_data.csv" } } }),
        );
        const { code, stderr } = await cli.run(["run", "p.json"]);
        assert.equal(code, 1, stderr);
        assert.match(stderr, why);
      } finally {
        service.kill();
        await ended;
      }
    });
  }
});
