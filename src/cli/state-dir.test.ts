import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { createCommandFormatter } from "./format-command.ts";
import * as control from "./groups/control.ts";
import * as drive from "./groups/drive.ts";
import * as files from "./groups/files.ts";
import * as look from "./groups/look.ts";
import * as serve from "./groups/serve.ts";
import * as worker from "./groups/worker.ts";
import { resolveStateDir } from "./state-dir.ts";

describe("the state directory", () => {
  const env = (value: string | undefined) => () => value;

  it("is --state-dir, then BUSBAR_STATE_DIR, then .busbar of the working directory", () => {
    assert.equal(resolveStateDir({ flag: "a", env: env("b") }), resolve("a"));
    assert.equal(resolveStateDir({ flag: undefined, env: env("b") }), resolve("b"));
    assert.equal(resolveStateDir({ flag: undefined, env: env("") }), resolve(".busbar"));
    assert.equal(resolveStateDir({ flag: undefined, env: env(undefined) }), resolve(".busbar"));
  });

  it("is named in the commands that are told to be typed, quoted as a shell needs it", () => {
    const typed = (flag: string | undefined, npm?: string) =>
      createCommandFormatter({ env: env(npm) }, { stateDir: flag })("show r1");
    assert.equal(typed(undefined), "busbar show r1");
    assert.equal(typed("../state"), "busbar show r1 --state-dir ../state");
    assert.equal(typed("it's here"), "busbar show r1 --state-dir 'it'\\''s here'");
    assert.equal(typed(undefined, "exec"), "npx busbar show r1");
    const remote = createCommandFormatter({ env: env(undefined) }, { allowRemoteState: true });
    assert.equal(remote("show r1"), "busbar show r1 --allow-remote-state");
    assert.equal(remote("validate a.json"), "busbar validate a.json");
  });

  it("is named in those of commands that take it alone, and so are a server with its token, and a cluster", () => {
    const format = createCommandFormatter(
      { env: env(undefined) },
      {
        ...{ stateDir: "s", allowRemoteState: true, server: "http://s:1", tokenFile: "t t" },
        ...{ runtime: "restate", ingress: "http://i:1", admin: "http://a:1" },
      },
    );
    const cluster = " --runtime restate --ingress http://i:1 --admin http://a:1";
    for (const { name, options } of [control, drive, files, look, serve, worker].flatMap(({ COMMANDS }) => COMMANDS)) {
      const takes = (wanted: string): boolean => options.some((option) => option.name === wanted);
      const state = takes("allow-remote-state") ? " --state-dir s --allow-remote-state" : "";
      if (name === "worker") {
        assert.equal(format("worker x"), "busbar worker x --admin http://a:1");
        continue;
      }
      const server = takes("server") ? " --server http://s:1" : "";
      assert.equal(
        format(`${name} x`),
        `busbar ${name} x${state}${server}${takes("token-file") ? " --token-file 't t'" : ""}${takes("runtime") || name === "doctor" ? cluster : ""}`,
      );
    }
  });
});
