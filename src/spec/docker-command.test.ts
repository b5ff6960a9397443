import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemOfCommand } from "./docker-command.ts";

describe("problemOfCommand", () => {
  it("finds a mount however it is written", () => {
    for (const options of [
      "-v /host:/data",
      "-v=/host:/data",
      "-v/host:/data",
      "--volume /host:/data",
      "--volume=/host:/data",
      "--mount type=bind,source=/host,target=/data",
      "--mount=type=volume,target=/data",
      "--rm -it --name gen -e KEY=value -v '/my host:/data'",
      "-itv /host:/data",
      '--env "A=-v" --network host -v "$PWD/data":/data',
      "--rm \\\n -v /host:/data",
    ]) {
      assert.equal(problemOfCommand(`docker run ${options} image`), undefined, options);
    }
    assert.equal(problemOfCommand("/usr/bin/docker container run -v /host:/data image"), undefined);
  });

  it("does not take for a mount what is none", () => {
    for (const rest of [
      "image",
      "image -v /host:/data",
      "--rm image --volume=/host:/data",
      "--name -v image",
      "-e -v image",
      "--volume= image",
      "-v '' image",
      "--volumes-from other image",
      "-- image -v /host:/data",
      "",
    ]) {
      assert.equal(problemOfCommand(`docker run ${rest}`), "volume", rest);
    }
  });

  it("refuses what is no docker run line", () => {
    for (const command of ["python generate.py", "docker build -v /a:/b .", "docker", "run -v /a:/b image", ""]) {
      assert.equal(problemOfCommand(command), "not-docker-run", command);
    }
    assert.equal(problemOfCommand("docker run -v '/host:/data image"), "unclosed-quote");
  });
});
