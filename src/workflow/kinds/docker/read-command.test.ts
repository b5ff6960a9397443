import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSuggester } from "../../tree/suggest.ts";
import { readCommand } from "./read-command.ts";
import { splitCommand } from "./shell-words.ts";

const read = (command: string, allow: readonly string[] = []) =>
  readCommand(splitCommand(command).words, { id: "a", allow, suggest: createSuggester() });
const optionsOf = (options: string, program = "docker"): readonly unknown[] => {
  const { container, findings } = read(`${program} run ${options} image`);
  assert.deepEqual(findings, [], options);
  return container.options;
};
const codesOf = (command: string, allow?: readonly string[]) => read(command, allow).findings.map(({ code }) => code);

describe("readCommand", () => {
  it("finds a mount however it is written", () => {
    for (const [options, canonical] of [
      ["-v /host:/data", "--volume=/host:/data"],
      ["-v=/host:/data", "--volume=/host:/data"],
      ["-v/host:/data", "--volume=/host:/data"],
      ["--volume /host:/data", "--volume=/host:/data"],
      ["--volume=/host:/data", "--volume=/host:/data"],
      ["--mount type=bind,source=/host,target=/data", "--mount=type=bind,source=/host,target=/data"],
      ["--mount=type=volume,target=/data", "--mount=type=volume,target=/data"],
      ["-v '/my host:/data'", "--volume=/my host:/data"],
      ["-iv /host:/data", "--volume=/host:/data"],
      ["-v /data", "--volume=/data"],
    ] as const) {
      assert.deepEqual(optionsOf(options), [canonical], options);
      assert.deepEqual(optionsOf(options, "podman"), [canonical], options);
    }
  });

  it("does not take for a mount what is none", () => {
    for (const rest of [
      "image",
      "image -v /host:/data",
      "--rm image --volume=/host:/data",
      "--hostname -v image",
      "-e -v image",
      "--volume= image",
      "-v '' image",
      "-- image -v /host:/data",
    ]) {
      assert.deepEqual(codesOf(`docker run ${rest}`), ["WORKFLOW_MISSING_VOLUME"], rest);
    }
  });

  it("gives options by their long names, in their order, each in one word", () => {
    assert.deepEqual(
      optionsOf(
        "--rm -i -e A=1 -eB=2 -e=C -w/x --user 1000 --net none --init --init=false -p 80:80 -v /h:/d --tmpfs /t -q",
      ),
      [
        "--env=A=1",
        "--env=B=2",
        "--env=C",
        "--workdir=/x",
        "--user=1000",
        "--network=none",
        "--init",
        "--init=false",
        "--publish=80:80",
        "--volume=/h:/d",
        "--tmpfs=/t",
      ],
    );
  });

  it("takes what follows the image for the container's own", () => {
    const { container, findings } = read("docker run -v /h:/d -- image:1 --privileged -v /:/x -- -d");
    assert.deepEqual(findings, []);
    assert.deepEqual([container.image, container.args], ["image:1", ["--privileged", "-v", "/:/x", "--", "-d"]]);
  });

  it("marks where in the command a problem is, and suggests what was meant", () => {
    const command = "docker run --volum /h:/d --pid host image";
    const { findings } = read(command);
    assert.deepEqual(
      findings.map(({ code, within, suggestion }) => [code, command.slice(within?.start, within?.end), suggestion]),
      [
        ["WORKFLOW_INVALID_VALUE", "--volum", "--volume"],
        ["WORKFLOW_NOT_ALLOWED", "--pid host", undefined],
      ],
    );
    assert.equal(
      findings[1]?.message,
      'command: --pid "host" is not allowed: the container sees and reaches processes outside it; to allow it, say so at the top of the file: docker: { allow: ["--pid=host"] }',
    );
  });

  it("lets through what the file allows: any value of an option, or one", () => {
    const command =
      "docker run -v /etc/localtime:/etc/localtime:ro --cap-add CAP_NET_ADMIN --net=host --privileged image";
    const all = ["/etc/localtime", "--cap-add=NET_ADMIN", "--network=host", "--privileged"];
    assert.deepEqual(codesOf(command, all), []);
    assert.deepEqual(codesOf(command, ["/etc/localtime", "--cap-add", "--network", "--privileged"]), []);
    for (const missing of all) {
      const rest = all.filter((one) => one !== missing);
      assert.deepEqual(codesOf(command, rest), ["WORKFLOW_NOT_ALLOWED"], missing);
    }
    assert.deepEqual(codesOf(command, all.with(1, "--cap-add=NET_RAW")), ["WORKFLOW_NOT_ALLOWED"]);
  });

  it("asks for no leave where an option takes power away, or keeps what holds anyway", () => {
    optionsOf(
      "-v /h:/d --privileged=false --security-opt no-new-privileges:true --cap-drop ALL --ipc none --pid private --oom-score-adj 500 --group-add audio --restart no --network=name=mine,alias=x",
    );
    optionsOf(
      "-v /h:/d:ro,Z --userns keep-id:uid=1 --network mine:ip=10.0.0.2 --cgroups enabled --tls-verify",
      "podman",
    );
  });

  it("refuses what is no docker run line", () => {
    for (const command of ["python generate.py", "docker build -v /a:/b .", "docker", "run -v /a:/b image", ""]) {
      const [finding, more] = read(command).findings;
      assert.equal(finding?.code, "WORKFLOW_INVALID_VALUE", command);
      assert.match(finding?.message ?? "", /^the command of "a" must be a docker run line; /);
      assert.equal(more, undefined);
    }
  });

  it("takes a program by its name or its full path", () => {
    for (const program of [
      "docker",
      "podman",
      "docker.exe",
      "/usr/bin/podman",
      "'C:\\Docker\\docker.exe'",
      "//server/bin/docker",
    ]) {
      assert.deepEqual(codesOf(`${program} run -v /a:/b image`), [], program);
    }
  });
});
