// Every command line of busbar in deploy/ and in the guide of the cluster is one that the program takes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { COMMANDS } from "../scripts/command-groups.ts";
import { parseCommand } from "../src/cli/parse.ts";
import { readBlocks } from "./docs/blocks.ts";
import { ofKind, readManifests } from "./kubernetes/manifests.ts";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/** @param words as the program gets them, but for what the shell, Kubernetes and Compose fill in */
function assertTaken(words: readonly string[]): void {
  const filled = words.map((word) =>
    word.replaceAll(/\$\{\w+:-(\d+)\}/g, "$1").replaceAll(/\$\(\w+\)|\$\{\w+:-\}/g, "x"),
  );
  const [name, ...args] = filled;
  const command = COMMANDS.find((each) => each.name === name);
  assert.ok(command, `busbar has no command ${name}`);
  assert.doesNotThrow(() => parseCommand(command, args), filled.join(" "));
}

describe("command lines of busbar", () => {
  it("are taken, in every manifest", () => {
    const manifests = [...readManifests("pipeline"), ...readManifests("cluster")];
    const containers = [...ofKind("Deployment", manifests), ...ofKind("Job", manifests)]
      .flatMap(({ spec }) => spec.template.spec.containers)
      .filter(({ image }) => image === "busbar");
    assert.deepEqual(containers.map(({ args }) => args?.[0]).sort(), ["run", "serve", "token", "worker"]);
    for (const { args = [] } of containers) assertTaken(args);
  });

  it("are taken, in the compose file of the cluster", () => {
    const { services } = parse(read("deploy/compose/cluster.yaml"), { merge: true }) as {
      readonly services: { readonly [name: string]: { readonly image?: string; readonly command?: readonly string[] } };
    };
    const started = Object.values(services).filter(({ image }) => image?.startsWith("busbar:"));
    assert.deepEqual(started.map(({ command }) => command?.[0]).sort(), ["serve", "worker"]);
    for (const { command = [] } of started) assertTaken(command);
  });

  it("are taken, in the guide of the cluster", () => {
    const typed = readBlocks("cluster.md", read("docs/guides/cluster.md"))
      .flatMap(({ steps }) => steps.map(({ command }) => command.replaceAll("\\\n", " ").replace(/ +#.*$/, "")))
      .flatMap((line) => /^(?:.*\/app\/busbar\.mjs|.*run --rm api|busbar) (.+)$/.exec(line)?.[1] ?? [])
      .map((line) => line.split(/ +/));
    assert.deepEqual([...new Set(typed.map(([name]) => name))].sort(), ["doctor", "run", "runs", "token", "worker"]);
    for (const words of typed) assertTaken(words);
  });
});
