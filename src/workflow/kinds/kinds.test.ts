// Adding a kind of node is a folder here, a line in kinds.ts and an executor: so nothing else may know a kind by name.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { keepsLog, requestOf, serviceOf, shownName } from "../node.ts";
import { parseWorkflow } from "../parse.ts";
import { DEFAULT_KIND, findKind, KINDS, kindOf } from "./kinds.ts";

const src = fileURLToPath(new URL("../../", import.meta.url));
const kinds = join("workflow", "kinds");
const names = KINDS.map(({ executor }) => executor);
const quoted = `["'\`](?:${names.join("|")})["'\`]`;

/** Where a kind's name is compared, looked up or branched on. */
const DECIDES = new RegExp(
  `(?:[=!]==?|\\bcase|\\.(?:has|get|includes)\\(|\\w\\[)\\s*${quoted}|${quoted}\\s*(?:[=!]==?|\\bin\\b)`,
);
const NAMES = new RegExp(quoted);

/** To whom programs, hosts and files called `docker` are something else than a kind of node. */
const WORLDLY = ["adapters", "testing", "service"];

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file of src but tests and the kinds' own folders. */
function sources(): readonly SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && folderOfKind(path) === undefined)
    .map((path) => ({ path, text: withoutComments(readFileSync(join(src, path), "utf8")) }));
}

/** The kind in whose folder a file is. */
function folderOfKind(path: string): string | undefined {
  const [first, ...rest] = relative(kinds, path).split(sep);
  return first !== ".." && rest.length > 0 ? first : undefined;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

function layerOf(path: string): string {
  return path.split(sep)[0] ?? "";
}

function importsOf({ path, text }: SourceFile): readonly string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map((match) => relative(src, resolve(src, dirname(path), match[1] ?? "")));
}

describe("kinds of nodes", () => {
  const files = sources();

  it("have a folder each, called as they are, and an executor's name that no other has", () => {
    const folders = readdirSync(join(src, kinds), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map(({ name }) => name).sort(), [...names].sort());
    assert.equal(new Set(names).size, names.length);
    for (const kind of KINDS) assert.equal(findKind(kind.executor), kind);
    assert.equal(findKind("toString"), undefined);
  });

  it("are decided on by name in their own folder only", () => {
    assert.ok(files.length > 100);
    const deciding = files.filter(({ text }) => DECIDES.test(text));
    assert.deepEqual(
      deciding.map(({ path }) => path),
      [],
    );
    const naming = files.filter(({ path, text }) => !WORLDLY.includes(layerOf(path)) && NAMES.test(text));
    assert.deepEqual(
      naming.map(({ path }) => path),
      [],
    );
  });

  it("are imported by the list alone, by the executors and tests that are theirs, and by the list of the public API", () => {
    const found = files
      .filter(({ path }) => path !== join(kinds, "kinds.ts") && !WORLDLY.includes(layerOf(path)) && path !== "index.ts")
      .flatMap((file) =>
        importsOf(file).flatMap((to) => (folderOfKind(to) === undefined ? [] : [`${file.path} ${to}`])),
      );
    assert.deepEqual(found, []);
  });

  it("would be noticed where they decide", () => {
    const deciding = [
      `if (node.executor === "grpc") return;`,
      `node.executor !== "docker" ? a : b`,
      `"grpc" == executor`,
      `case "docker":`,
      `executors["grpc"]`,
      `names.has('docker')`,
      "executor === `grpc`",
      `"docker" in executors`,
    ];
    for (const text of deciding) assert.match(text, DECIDES);
    for (const text of [`{ executor: "grpc", id }`, `["docker", "podman"]`, `spawn("docker", args)`]) {
      assert.doesNotMatch(text, DECIDES);
    }
    assert.equal(folderOfKind(join(kinds, "docker", "read.ts")), "docker");
    assert.equal(folderOfKind(join(kinds, "kinds.ts")), undefined);
    assert.equal(folderOfKind(join("workflow", "bind.ts")), undefined);
  });

  it("say of a node what it asks, calls, shows and keeps", async () => {
    const parsed = await parseWorkflow({
      fileName: "workflow.json",
      text: JSON.stringify({
        workflow_name: "t",
        service_registry: { s: "localhost:1" },
        containers: {
          call: { service: "s", input_file: "/i", output_file: "/o" },
          box: { executor: "docker", docker: { image: "i", volumes: [] } },
        },
      }),
    });
    assert.ok(parsed.ok);
    const [call, box] = parsed.value.nodes;
    assert.ok(call !== undefined && box !== undefined);
    assert.equal(kindOf(call), DEFAULT_KIND);
    assert.deepEqual(requestOf(call), { service: "s", input_file: "/i", output_file: "/o" });
    assert.deepEqual(requestOf(box), { program: "docker", options: [], image: "i", args: [] });
    assert.equal(serviceOf(parsed.value, call), parsed.value.services.get("s"));
    assert.equal(serviceOf(parsed.value, box), undefined);
    assert.equal(serviceOf(parsed.value, undefined), undefined);
    assert.deepEqual([shownName(call), shownName(box)], ["s", "box"]);
    assert.deepEqual([keepsLog(call), keepsLog(box)], [false, true]);
    const foreign = { ...call, executor: "approval" } as unknown as typeof call;
    assert.throws(() => kindOf(foreign), /call.*approval/);
  });
});
