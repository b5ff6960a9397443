// Volumes whose paths the text HOST_PATH:CONTAINER_PATH cannot hold.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bindWorkflow } from "../../bind.ts";
import { requestOf } from "../../node.ts";
import { parseWorkflow } from "../../parse.ts";
import { locateDiagnostics } from "../../text/locate.ts";
import { splitMount } from "./mounts.ts";

type Tree = { readonly [key: string]: unknown };

const file = (node: Tree, more: Tree = {}): Tree => ({
  workflow_name: "t",
  execution_mode: "docker",
  containers: { a: node },
  ...more,
});
const withVolumes = (volumes: readonly unknown[], more: Tree = {}): Tree =>
  file({ docker: { image: "image", volumes } }, more);

const parseTree = (tree: Tree) => parseWorkflow({ fileName: "t.json", text: JSON.stringify(tree) });

async function optionsOf(tree: Tree, params = {}): Promise<readonly string[]> {
  const parsed = await parseTree(tree);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const bound = bindWorkflow(parsed.value, { params, runId: "r", startedAt: "2025-01-01T00:00:00.000Z" });
  assert.ok(bound.ok, JSON.stringify(bound));
  return bound.value.nodes.map(requestOf).flatMap(({ options }) => options as readonly string[]);
}

async function problemsOf(tree: Tree) {
  const source = { fileName: "t.json", text: JSON.stringify(tree) };
  const parsed = await parseWorkflow(source);
  return parsed.ok ? [] : locateDiagnostics(parsed.error, source);
}

/** What the engine's client reads, by its keys. */
const recordOf = ([option = ""]: readonly string[]) =>
  Object.fromEntries(splitMount(option.replace(/^--mount=/, "")) ?? []);

const path = fc
  .string({ unit: fc.constantFrom(..."ab:,\"= \n\t'é.-_"), minLength: 1, maxLength: 8 })
  .map((name) => `/srv/n${name}`);

describe("a volume in parts", () => {
  it("mounts any two paths, also those with colons, commas and quotes, from the file and from params", async () => {
    await fc.assert(
      fc.asyncProperty(path, path, fc.boolean(), async (source, target, readOnly) => {
        const more = readOnly ? { read_only: true } : {};
        const expected = { type: "bind", source, target, ...(readOnly ? { readonly: "true" } : {}) };
        const literal = await optionsOf(withVolumes([{ source, target, ...more }]));
        assert.deepEqual(recordOf(literal), expected);
        const parts = { source: "${params.from}", target: "/srv/${params.to}", ...more };
        const given = { from: source, to: target.slice("/srv/".length) };
        const declared = { params: { from: {}, to: {} } };
        assert.deepEqual(await optionsOf(withVolumes([parts], declared), given), literal);
      }),
    );
  });

  it("may name a volume, stands beside texts, and keeps their order", async () => {
    const volumes = ["/a:/b", { source: "cache", target: "/c", read_only: true }, "/d:/e:ro"];
    assert.deepEqual(await optionsOf(withVolumes(volumes)), [
      "--volume=/a:/b",
      "--mount=type=volume,source=cache,target=/c,readonly",
      "--volume=/d:/e:ro",
    ]);
  });

  it("is held to the same rules, each problem at its place in the list", async () => {
    const volumes = [
      "/a:/b",
      { source: "/etc", target: "/c" },
      { source: "./rel", target: "/c" },
      { source: "/a", target: "rel" },
      "./rel:/d",
    ];
    const source = JSON.stringify(withVolumes(volumes));
    const found = await problemsOf(withVolumes(volumes));
    assert.deepEqual(
      found.map(({ code, column }) => [code, column]),
      [1, 2, 3, 4].map((index) => [
        index === 1 ? "WORKFLOW_NOT_ALLOWED" : "WORKFLOW_INVALID_VALUE",
        source.indexOf(JSON.stringify(volumes[index])) + 1,
      ]),
    );
    for (const index of [1, 3]) assert.match(found[index]?.remedy ?? "", /^Write the full path of ".\/rel"/);
    const wrong = [{ source: "/a" }, { source: "/a", target: "/b", mode: "ro" }, { source: 1, target: "/b" }, 5];
    assert.deepEqual(
      (await problemsOf(withVolumes(wrong))).map(({ code }) => code),
      ["WORKFLOW_MISSING_KEY", "WORKFLOW_UNKNOWN_KEY", "WORKFLOW_WRONG_TYPE", "WORKFLOW_WRONG_TYPE"],
    );
    const parsed = await parseTree(withVolumes([{ source: "${params.p}", target: "/b" }], { params: { p: {} } }));
    assert.ok(parsed.ok);
    for (const p of ["", "/etc", "rel/x", "/a\0b"]) {
      const bound = bindWorkflow(parsed.value, { params: { p }, runId: "r", startedAt: "" });
      assert.deepEqual(bound.ok ? [] : bound.error.map(({ path }) => path.join(".")), [
        "containers.a.docker.volumes.0",
      ]);
    }
  });
});

describe("a volume with a colon in one of its paths", () => {
  it("is refused with the way to write it, which is right as it stands, in a command and in the structured form", async () => {
    const name = fc.stringMatching(/^[a-z ,'"é]{0,3}:[a-z:]{1,4}$/).filter((text) => !text.endsWith(":"));
    await fc.assert(
      fc.asyncProperty(name, fc.boolean(), async (inSource, readOnly) => {
        const source = `/srv/${inSource}`;
        const value = `${source}:/data${readOnly ? ":ro" : ""}`;
        const expected = { type: "bind", source, target: "/data", ...(readOnly ? { readonly: "true" } : {}) };
        const quoted = `'${value.replaceAll("'", `'\\''`)}'`;
        const forms = [withVolumes([value]), file({ command: `docker run -v ${quoted} image` })];
        for (const form of forms) {
          const [found, ...more] = await problemsOf(form);
          assert.deepEqual(more, []);
          assert.equal(found?.code, "WORKFLOW_INVALID_VALUE");
          const [, option = "", parts = ""] =
            /is written (--mount .*) in a command, and (\{.*\}) under volumes\.$/.exec(found?.remedy ?? "") ?? [];
          assert.deepEqual(recordOf(await optionsOf(file({ command: `docker run ${option} image` }))), expected);
          assert.deepEqual(recordOf(await optionsOf(withVolumes([JSON.parse(parts)]))), expected);
        }
      }),
    );
  });
});
