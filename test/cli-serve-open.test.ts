// `busbar serve --open` (docs/guides/dashboard.md): the system's browser, without a shell.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { browserOf } from "../src/cli/open-in-browser.ts";
import { until } from "../src/testing/until.ts";
import { type Cli, createCli, type Running } from "./cli/harness.ts";

const skip = process.platform === "linux" ? false : "the program that opens browsers is replaced on Linux alone";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

/** @param browser a shell script in the place of the system's; undefined: there is none */
function serve(browser: string | undefined, ...args: readonly string[]): Running {
  const bin = join(cli.folder, "bin");
  mkdirSync(bin);
  if (browser !== undefined) chmodSync(cli.write(join("bin", "xdg-open"), `#!/bin/sh\n${browser}\n`), 0o755);
  const path = browser === undefined ? bin : `${bin}${delimiter}${process.env.PATH}`;
  return cli.start(["serve", "--port", "0", "--open", ...args], { PATH: path });
}

async function stop(running: Running): Promise<string> {
  running.child.kill("SIGTERM");
  const { code, stdout } = await running.ended;
  assert.equal(code, 0);
  return /^READY (\S+)$/m.exec(stdout)?.[1] ?? "";
}

describe("busbar serve --open", { skip }, () => {
  it("hands the address of the dashboard to the system's browser, once it listens", async () => {
    const asked = join(cli.folder, "asked");
    const running = serve(`printf %s "$*" >"${asked}.new"; mv "${asked}.new" "${asked}"`);
    await until(() => existsSync(asked));
    assert.equal(readFileSync(asked, "utf8"), await stop(running));
  });

  it("opens it by the name that others call it by", async () => {
    const asked = join(cli.folder, "asked");
    const script = `printf %s "$*" >"${asked}.new"; mv "${asked}.new" "${asked}"`;
    const running = serve(script, "--public-url", "https://busbar.example");
    await until(() => existsSync(asked));
    assert.equal(readFileSync(asked, "utf8"), "https://busbar.example");
    await stop(running);
  });

  it("says the address where there is no browser, and goes on", async () => {
    const running = serve(undefined);
    await running.shows("no browser could be opened (");
    const url = await stop(running);
    const { stderr } = await running.ended;
    assert.match(stderr, new RegExp(`xdg-open.*\\): the dashboard is at ${url}\n`));
  });

  it("says the address where the browser cannot be started", async () => {
    const running = serve("exit 3");
    await running.shows("no browser could be opened (xdg-open ended with exit code 3): the dashboard is at http");
    await stop(running);
  });
});

describe("what opens an address", () => {
  it("is the platform's own program, never a shell, and takes the address as one argument", () => {
    const url = "http://127.0.0.1:8080/?a=1&b=`x`";
    assert.deepEqual(browserOf("darwin", url), ["open", url]);
    assert.deepEqual(browserOf("linux", url), ["xdg-open", url]);
    assert.deepEqual(browserOf("win32", url, "C:\\Windows"), [
      "C:\\Windows\\System32\\rundll32.exe",
      "url.dll,FileProtocolHandler",
      url,
    ]);
  });
});
