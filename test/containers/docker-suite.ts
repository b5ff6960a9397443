// What suites of docker nodes stand on: an image, and for each test a command line and a folder for its containers.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { busyboxImage, type TestImage } from "../../src/testing/docker/busybox-image.ts";
import { listContainers, removeContainers } from "../../src/testing/docker/containers.ts";
import type { DockerPeer } from "../../src/testing/docker/engine.ts";
import type { Peer } from "../../src/testing/require.ts";
import { type Cli, createCli } from "../cli/harness.ts";

/** Of the test that runs. */
export interface DockerSuite {
  /** Run ids are the labels of containers, which all tests of a machine share. */
  readonly runId: string;
  readonly image: string;
  readonly cli: Cli;
  /** Containers of `shell` have it at /data. */
  readonly data: string;
  /** A file of that folder. */
  file(name: string): string;
  /** A node whose container runs this in busybox's shell. */
  shell(script: string, more?: object): object;
}

/** To be called within `describe`. After each test no container of the run may be left. */
export function useDocker(engine: Peer<DockerPeer>, name: string): DockerSuite {
  const runId = `${name}-${process.pid}-${Date.now().toString(36)}`;
  let image: TestImage | undefined;
  let cli: Cli;
  let data: string;
  before(() => {
    if (engine.found) image = busyboxImage(engine.peer);
  });
  after(() => image?.remove());
  beforeEach(() => {
    cli = createCli();
    data = join(cli.folder, "data");
    mkdirSync(data);
  });
  afterEach(async () => {
    await cli.close();
    const left = listContainers(`busbar.run=${runId}`);
    removeContainers(left.map(({ id }) => id));
    assert.deepEqual(
      left.map(({ name, status }) => `${name} ${status}`),
      [],
      "a container was left behind",
    );
  });
  return {
    runId,
    get image() {
      return image?.tag ?? "";
    },
    get cli() {
      return cli;
    },
    get data() {
      return data;
    },
    file: (name) => readFileSync(join(data, name), "utf8"),
    shell: (script, more = {}) => ({
      executor: "docker",
      docker: { image: image?.tag, args: ["sh", "-c", script], volumes: [`${data}:/data`], network: "none" },
      ...more,
    }),
  };
}
