// The workflows of a server: a real directory that people, editors and uploads change.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { openWorkflowLibrary } from "../../adapters/workflow-library/library.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { WorkflowLibrary, WorkflowListing } from "../../ports/workflow-library.ts";
import { readPolicy } from "../../workflow/policy/read-policy.ts";
import { createShared } from "../shared.ts";
import { openServerLibrary } from "./workflow-library.ts";
import { createWorkflowParser } from "./workflow-parser.ts";

const tree = (name: string, output = "/out") => ({
  workflow_name: name,
  service_registry: { s: "127.0.0.1:1" },
  containers: {
    a: { service: "s", input_file: "/in", output_file: "/mid" },
    b: { service: "s", input_file: "/mid", output_file: output, depends_on: ["a"] },
  },
});
const json = (name: string, output?: string): string => JSON.stringify(tree(name, output));

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-library-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A state directory with a directory of workflows in it. */
function newPlace(): { readonly stateDir: string; readonly workflows: string } {
  const stateDir = mkdtempSync(join(folder, "state-"));
  const workflows = join(stateDir, "workflows");
  mkdirSync(workflows);
  return { stateDir, workflows };
}

type More = Partial<Parameters<typeof openWorkflowLibrary>[0]> & { readonly policy?: object };

function open(test: TestContext, place: ReturnType<typeof newPlace>, { policy, ...more }: More = {}): WorkflowLibrary {
  const shared = createShared(
    createSecrets(() => undefined),
    policy === undefined ? undefined : readPolicy(policy, "policy"),
  );
  const library = openWorkflowLibrary({
    folder: place.workflows,
    versionsFolder: join(place.stateDir, "workflow-versions"),
    parser: createWorkflowParser(shared),
    clock: shared.clock,
    onTrouble: (trouble) => assert.fail(String(trouble)),
    minPollMs: 20,
    ...more,
  });
  test.after(() => library.close());
  return library;
}

/** Asks again until the answer will do; the test's own time limit bounds it. */
async function untilListed(
  test: TestContext,
  library: WorkflowLibrary,
  will: (listing: readonly WorkflowListing[]) => boolean,
): Promise<readonly WorkflowListing[]> {
  for (;;) {
    const listing = await library.list();
    if (will(listing)) return listing;
    test.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const namesOf = (listing: readonly WorkflowListing[]): string => listing.map(({ name }) => name).join(" ");
const codesOf = ({ diagnostics }: Pick<WorkflowListing, "diagnostics">): readonly string[] =>
  diagnostics.map(({ code }) => code);

describe("the workflows of a server", { timeout: 60_000 }, () => {
  it("are the files of a directory, called by the names they say", async (test) => {
    const { stateDir, workflows } = newPlace();
    writeFileSync(join(workflows, "one.json"), json("first"));
    mkdirSync(join(workflows, "team"));
    writeFileSync(join(workflows, "team", "two.yaml"), stringify(tree("second")));
    for (const other of ["notes.txt", ".hidden.json", "README"]) writeFileSync(join(workflows, other), "{");
    const shared = createShared(createSecrets(() => undefined));
    const library = openServerLibrary({ stateDir, onTrouble: (trouble) => assert.fail(String(trouble)) }, shared);
    test.after(() => library.close());
    const listing = await library.list();
    assert.deepEqual(
      listing.map(({ name, file, valid, versions, nodes, diagnostics }) => ({
        name,
        file,
        valid,
        versions,
        nodes,
        diagnostics,
      })),
      [
        { name: "first", file: "one.json", valid: true, versions: 1, nodes: 2, diagnostics: [] },
        { name: "second", file: "team/two.yaml", valid: true, versions: 1, nodes: 2, diagnostics: [] },
      ],
    );
    const view = await library.get("second");
    assert.deepEqual(view.graph, {
      nodes: [
        { id: "a", executor: "grpc", service: "s" },
        { id: "b", executor: "grpc", service: "s" },
      ],
      edges: [{ from: "a", to: "b" }],
    });
    assert.equal(view.definition_text, stringify(tree("second")));
    assert.deepEqual(
      view.history.map(({ definition_hash }) => definition_hash),
      [view.definition_hash],
    );
    const { definition } = await library.read("first");
    assert.deepEqual([definition.text, definition.file], [json("first"), join(workflows, "one.json")]);
    await assert.rejects(library.get("third"), { code: "WORKFLOW_UNKNOWN" });
    await assert.rejects(library.read("first", `sha256:${"0".repeat(64)}`), { code: "WORKFLOW_UNKNOWN" });
  });

  it("say what the params of a run may be", async (test) => {
    const place = newPlace();
    const params = { day: { type: "string", description: "which day" }, limit: { type: "integer", default: 3 } };
    writeFileSync(join(place.workflows, "w.json"), JSON.stringify({ ...tree("w"), params }));
    const view = await open(test, place).get("w");
    assert.deepEqual(view.params, {
      type: "object",
      properties: { day: { type: "string", description: "which day" }, limit: { type: "integer", default: 3 } },
      required: ["day"],
      additionalProperties: false,
    });
  });

  it("follow what editors do: write, rename, replace, remove", async (test) => {
    const place = newPlace();
    const file = join(place.workflows, "w.json");
    writeFileSync(file, json("w", "/1"));
    const library = open(test, place);
    const changes: string[] = [];
    library.onChange((names) => changes.push(...names));
    const first = await library.get("w");
    const became = (output: string) =>
      untilListed(
        test,
        library,
        ([one]) => one?.definition_hash !== undefined && one.valid && textIs(one, json("w", output)),
      );
    const { hashDefinition } = await import("../../workflow/model/definition.ts");
    const textIs = (one: WorkflowListing, text: string): boolean => one.definition_hash === hashDefinition(text);

    writeFileSync(file, json("w", "/2"));
    await became("/2");
    // As vim writes: the old file is moved away, a new one made, the old one removed.
    renameSync(file, `${file}~`);
    writeFileSync(file, json("w", "/3"));
    unlinkSync(`${file}~`);
    await became("/3");
    // As most others do: a new file takes the place of the old one.
    writeFileSync(join(place.workflows, ".w.json.swp"), json("w", "/4"));
    renameSync(join(place.workflows, ".w.json.swp"), file);
    await became("/4");
    // Of the same length, and as old as before.
    const { mtime } = await import("node:fs").then(({ statSync }) => statSync(file));
    writeFileSync(file, json("w", "/5"));
    utimesSync(file, mtime, mtime);
    await became("/5");
    assert.equal((await library.get("w")).history.length, 5);
    assert.equal((await library.get("w", first.definition_hash)).definition_text, json("w", "/1"));
    assert.equal((await library.read("w", first.definition_hash)).definition.text, json("w", "/1"));

    renameSync(file, join(place.workflows, "moved.json"));
    await untilListed(test, library, ([one]) => one?.file === "moved.json");
    assert.equal((await library.get("w")).versions, 5);
    unlinkSync(join(place.workflows, "moved.json"));
    await untilListed(test, library, ({ length }) => length === 0);
    assert.ok(changes.every((name) => name === "w") && changes.length >= 6, changes.join(" "));
  });

  it("stay in the list while their files are broken, and keep what they said before", async (test) => {
    const place = newPlace();
    const file = join(place.workflows, "w.json");
    writeFileSync(file, json("w"));
    const library = open(test, place);
    const good = await library.get("w");
    writeFileSync(file, json("w").replace('"service":"s"', '"service":"nobody"'));
    const [broken] = await untilListed(test, library, ([one]) => one?.valid === false);
    assert.ok(broken !== undefined);
    assert.deepEqual([broken.name, broken.definition_hash, broken.versions], ["w", good.definition_hash, 1]);
    assert.deepEqual(new Set(codesOf(broken)), new Set(["WORKFLOW_UNKNOWN_SERVICE"]));
    assert.match(broken.diagnostics[0]?.source_line ?? "", /nobody/);
    assert.deepEqual((await library.get("w")).graph.nodes, []);
    await assert.rejects(library.read("w"), { code: "WORKFLOW_UNKNOWN_SERVICE", message: /w\.json:1:\d+: .*sha256:/ });
    assert.equal((await library.read("w", good.definition_hash)).nodes.length, 2);
    // Now it says no name either: it had one.
    writeFileSync(file, "{");
    const [unreadable] = await untilListed(test, library, ([one]) => one?.diagnostics[0]?.code === "WORKFLOW_SYNTAX");
    assert.equal(unreadable?.name, "w");
    assert.equal((await library.get("w")).definition_text, undefined);
    // A broken file that never had a name is called by its own.
    writeFileSync(join(place.workflows, "new.yaml"), "a: [");
    await untilListed(test, library, (listing) => namesOf(listing) === "new.yaml w");
    await assert.rejects(library.read("new.yaml"), { code: "WORKFLOW_SYNTAX" });
    writeFileSync(file, json("w"));
    const [, mended] = await untilListed(test, library, ([, one]) => one?.valid === true);
    assert.deepEqual([mended?.versions, mended?.updated_at], [1, good.updated_at]);
  });

  it("have one name each: a second file of a name is told so, also after a restart", async (test) => {
    const place = newPlace();
    writeFileSync(join(place.workflows, "m.json"), json("w"));
    const library = open(test, place);
    await library.list();
    const copy = join(place.workflows, "a.json");
    writeFileSync(copy, `\n ${json("w", "/other")}`);
    const told = async (of: WorkflowLibrary): Promise<void> => {
      const listing = await untilListed(test, of, ({ length }) => length === 2);
      assert.deepEqual(
        listing.map(({ name, file, valid }) => [name, file, valid]),
        [
          ["a.json", "a.json", false],
          ["w", "m.json", true],
        ],
      );
      const [{ code, line, column, message } = {}] = listing[0]?.diagnostics ?? [];
      assert.deepEqual([code, line, column], ["WORKFLOW_DUPLICATE_NAME", 2, 19]);
      assert.equal(message, '"m.json" has the workflow_name "w" already');
      await assert.rejects(of.read("a.json"), { code: "WORKFLOW_DUPLICATE_NAME" });
    };
    await told(library);
    await library.close();
    const again = open(test, place);
    await told(again);
    unlinkSync(join(place.workflows, "m.json"));
    await untilListed(test, again, ([one]) => one?.name === "w" && one.file === "a.json" && one.versions === 2);
  });

  it("keep their versions over a restart, and see what changed meanwhile", async (test) => {
    const place = newPlace();
    const file = join(place.workflows, "w.json");
    writeFileSync(file, json("w", "/1"));
    const first = open(test, place);
    const before = await first.get("w");
    await first.close();
    writeFileSync(file, json("w", "/2"));
    const second = open(test, place);
    const view = await second.get("w");
    assert.equal(view.history.length, 2);
    assert.deepEqual(view.history[1], before.history[0]);
    await second.close();
    // What is damaged there is forgotten, and made anew of what the file says.
    const kept = join(place.stateDir, "workflow-versions", "w");
    for (const name of readdirSync(kept)) if (name.endsWith(".txt")) appendFileSync(join(kept, name), " ");
    const third = open(test, place);
    assert.equal((await third.read("w")).definition.text, json("w", "/2"));
    await assert.rejects(third.read("w", before.definition_hash), { code: "WORKFLOW_UNKNOWN" });
    await third.close();
    writeFileSync(join(kept, "index"), "{");
    assert.equal((await open(test, place).get("w")).history.length, 1);
  });

  it("keep a hundred versions each, and only the texts of those", async (test) => {
    const place = newPlace();
    const library = open(test, place);
    for (let at = 1; at <= 103; at += 1) {
      const put = await library.put({ text: json("w", `/${at}`), format: "json", by: "ann" });
      assert.ok(put.ok);
    }
    const view = await library.get("w");
    assert.equal(view.versions, 100);
    assert.equal(readdirSync(join(place.stateDir, "workflow-versions", "w")).length, 101);
    assert.equal((await library.get("w", view.history.at(-1)?.definition_hash)).definition_text, json("w", "/4"));
  });

  it("appear with a directory that is made later, replaced, or led elsewhere by its link", async (test) => {
    const place = newPlace();
    const later = join(place.stateDir, "later");
    const library = open(test, { ...place, workflows: later });
    assert.deepEqual(await library.list(), []);
    mkdirSync(later);
    writeFileSync(join(later, "a.json"), json("a"));
    await untilListed(test, library, (listing) => namesOf(listing) === "a");
    renameSync(later, `${later}-old`);
    mkdirSync(later);
    writeFileSync(join(later, "b.json"), json("b"));
    await untilListed(test, library, (listing) => namesOf(listing) === "b");
    renameSync(later, `${later}-b`);
    await untilListed(test, library, (listing) => namesOf(listing) === "");
    symlinkSync(`${later}-old`, later);
    await untilListed(test, library, (listing) => namesOf(listing) === "a");
    unlinkSync(later);
    symlinkSync(`${later}-b`, later);
    await untilListed(test, library, (listing) => namesOf(listing) === "b");
  });

  it("are looked at as soon as the system says that something has changed", async (test) => {
    const place = newPlace();
    mkdirSync(join(place.workflows, "team"));
    // Whoever waited for the next look would wait longer than the test may take.
    const library = open(test, place, { minPollMs: 1_000_000 });
    assert.deepEqual(await library.list(), []);
    for (const [path, name] of [
      ["a.json", "a"],
      ["team/b.json", "b"],
    ] as const) {
      writeFileSync(join(place.workflows, path), json(name));
      await untilListed(test, library, (listing) => listing.some((one) => one.name === name));
    }
    mkdirSync(join(place.workflows, "new"));
    writeFileSync(join(place.workflows, "new", "c.json"), json("c"));
    await untilListed(test, library, (listing) => namesOf(listing) === "a b c");
    writeFileSync(join(place.workflows, "new", "c.json"), json("d"));
    await untilListed(test, library, (listing) => namesOf(listing) === "a b d");
  });

  it("can lie in the state directory itself", async (test) => {
    const { stateDir } = newPlace();
    writeFileSync(join(stateDir, "w.json"), json("w"));
    const library = open(test, { stateDir, workflows: stateDir });
    await library.put({ text: json("v"), format: "json", by: "ann" });
    assert.equal(namesOf(await library.list()), "v w");
  });

  it("are followed where the system gives no notice, too", async (test) => {
    const place = newPlace();
    const none = (() => {
      throw Object.assign(new Error("no space left for watchers"), { code: "ENOSPC" });
    }) as never;
    const library = open(test, place, { watch: none });
    writeFileSync(join(place.workflows, "w.json"), json("w"));
    await untilListed(test, library, (listing) => namesOf(listing) === "w");
    writeFileSync(join(place.workflows, "w.json"), json("v"));
    await untilListed(test, library, (listing) => namesOf(listing) === "v");
  });

  it("are followed through the links of a mounted volume, which are all led elsewhere at once", async (test) => {
    const place = newPlace();
    const at = (name: string): string => join(place.workflows, name);
    mkdirSync(at("..1"));
    writeFileSync(at("..1/w.json"), json("w", "/1"));
    symlinkSync("..1", at("..data"));
    symlinkSync("..data/w.json", at("w.json"));
    const library = open(test, place);
    assert.equal((await library.read("w")).definition.text, json("w", "/1"));
    assert.equal((await library.list()).length, 1);
    mkdirSync(at("..2"));
    writeFileSync(at("..2/w.json"), json("w", "/2"));
    symlinkSync("..2", at("..tmp"));
    renameSync(at("..tmp"), at("..data"));
    await untilListed(test, library, ([one]) => one?.versions === 2);
    assert.equal((await library.read("w")).definition.file, at("w.json"));
  });

  it("never come from without: no link leads out, no pipe is waited for", async (test) => {
    const place = newPlace();
    const outside = join(place.stateDir, "outside.json");
    writeFileSync(outside, json("outside"));
    mkdirSync(join(place.stateDir, "elsewhere"));
    writeFileSync(join(place.stateDir, "elsewhere", "x.json"), json("elsewhere"));
    symlinkSync(outside, join(place.workflows, "link.json"));
    symlinkSync("../elsewhere", join(place.workflows, "folder"));
    symlinkSync("../elsewhere", join(place.workflows, "folder.json"));
    symlinkSync("nowhere", join(place.workflows, "dangling.json"));
    symlinkSync("circle.json", join(place.workflows, "circle.json"));
    execFileSync("mkfifo", [join(place.workflows, "pipe.yaml")]);
    mkdirSync(join(place.workflows, "dir.yaml"));
    const listing = await open(test, place).list();
    assert.deepEqual(
      listing.map(({ name, diagnostics }) => `${name}: ${diagnostics.map(({ message }) => message)}`),
      [
        "circle.json: the file cannot be read: its links lead in a circle",
        "dangling.json: the file cannot be read: there is no such file",
        "folder.json: the file cannot be read: it is a link that leads out of the directory",
        "link.json: the file cannot be read: it is a link that leads out of the directory",
        "pipe.yaml: the file cannot be read: it is not a file",
      ],
    );
  });

  it("are told of where a file is too large, too deep or not UTF-8", async (test) => {
    const place = newPlace();
    writeFileSync(join(place.workflows, "a.json"), "");
    truncateSync(join(place.workflows, "a.json"), 32 * 1024 * 1024 + 1);
    writeFileSync(join(place.workflows, "b.json"), "[".repeat(200));
    writeFileSync(join(place.workflows, "c.json"), Buffer.from([0x7b, 0xff]));
    writeFileSync(join(place.workflows, "d.json"), "");
    const listing = await open(test, place).list();
    const many = { ...tree("e"), ...Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, 1])) };
    writeFileSync(join(place.workflows, "e.json"), JSON.stringify(many));
    const { diagnostics } = (await open(test, place).list())[4] as WorkflowListing;
    assert.equal(diagnostics.length, 101);
    assert.equal(diagnostics.at(-1)?.message, "and 200 more problems, not shown");
    assert.deepEqual(listing.map(codesOf), [
      ["WORKFLOW_TOO_LARGE"],
      ["WORKFLOW_TOO_DEEP"],
      ["WORKFLOW_SYNTAX"],
      ["WORKFLOW_WRONG_TYPE"],
    ]);
  });

  it("show no literal token, whatever is wrong with the file", async (test) => {
    const place = newPlace();
    const secret = {
      ...tree("w"),
      service_registry: { s: { address: "127.0.0.1:1", metadata: { authorization: "s3cret" } } },
    };
    const text = JSON.stringify(secret);
    writeFileSync(join(place.workflows, "good.json"), text);
    writeFileSync(join(place.workflows, "wrong.json"), text.replace('"w"', '"x"').replace("/mid", "${env.X}"));
    writeFileSync(join(place.workflows, "cut.json"), text.slice(0, -1));
    const twice = '"metadata":{"authorization":"s3cret"},';
    writeFileSync(
      join(place.workflows, "twice.json"),
      text.replace('"w"', '"y"').replace('"metadata"', `${twice}"metadata"`),
    );
    writeFileSync(join(place.workflows, "again.json"), text);
    const library = open(test, place);
    const listing = await library.list();
    assert.equal(listing.length, 5);
    for (const { name } of listing) {
      const told = JSON.stringify(await library.get(name));
      assert.doesNotMatch(told, /s3cret/, name);
    }
    assert.match((await library.get("w")).definition_text ?? "", /\*\*\*/);
    assert.match((await library.read("w")).definition.text, /s3cret/);
  });

  it("are held against the host's policy", async (test) => {
    const place = newPlace();
    const container = {
      workflow_name: "c",
      containers: { c: { executor: "docker", docker: { image: "i", volumes: [] } } },
    };
    writeFileSync(join(place.workflows, "c.json"), JSON.stringify(container));
    writeFileSync(join(place.workflows, "w.json"), json("w").replace("127.0.0.1", "example.com"));
    const library = open(test, place, { policy: {} });
    const [refused, allowed] = await library.list();
    assert.equal(refused?.name, "c");
    assert.deepEqual(
      [refused?.valid, new Set(codesOf(refused as WorkflowListing))],
      [false, new Set(["POLICY_REFUSED"])],
    );
    assert.equal(allowed?.valid, true);
    const put = await library.put({
      text: JSON.stringify({ ...container, workflow_name: "d" }),
      format: "json",
      by: "ann",
    });
    assert.ok(!put.ok && put.diagnostics[0]?.code === "POLICY_REFUSED");
  });

  it("are a thousand, and few of them are read again when one changes", async (test) => {
    const place = newPlace();
    for (let at = 0; at < 1000; at += 1) {
      const path = join(place.workflows, `${at}.json`);
      writeFileSync(path, json(`w${at}`));
    }
    const shared = createShared(createSecrets(() => undefined));
    const parser = createWorkflowParser(shared);
    for (let at = 0; at < 20; at += 1) writeFileSync(join(place.workflows, `copy-${at}.json`), json("w1"));
    mkdirSync(join(place.workflows, "node_modules", "some"), { recursive: true });
    writeFileSync(join(place.workflows, "node_modules", "some", "package.json"), "{}");
    let parsed = 0;
    const counting: typeof parser = {
      ...parser,
      parse(...given) {
        parsed += 1;
        return parser.parse(...given);
      },
    };
    const library = open(test, place, { parser: counting });
    assert.equal((await library.list()).length, 1020);
    // Those whose name is taken once more, to say where they say it.
    assert.equal(parsed, 1040);
    writeFileSync(join(place.workflows, "7.json"), json("w7", "/new"));
    await untilListed(test, library, (listing) => listing.some(({ versions }) => versions === 2));
    assert.ok(parsed <= 1042, String(parsed));
    for (let look = 0; look < 3; look += 1) {
      writeFileSync(join(place.workflows, "8.json"), json(`again${look}`));
      await untilListed(test, library, (listing) => listing.some(({ name }) => name === `again${look}`));
    }
    assert.ok(parsed <= 1045, String(parsed));
  });

  it("are in the end what somebody sees who looks at the files for the first time, whatever was done to them", async (test) => {
    const paths = ["a.json", "b.json", "c.json", "sub/d.json"];
    const path = fc.constantFrom(...paths);
    const name = fc.constantFrom("w", "v", "x", "b.json");
    const output = fc.constantFrom("/1", "/2");
    const action = fc.oneof(
      fc.record({ do: fc.constant("write" as const), path, name, output }),
      fc.record({ do: fc.constant("break" as const), path, name, output }),
      fc.record({ do: fc.constant("cut" as const), path }),
      fc.record({ do: fc.constant("remove" as const), path }),
      fc.record({ do: fc.constant("move" as const), path, to: path }),
      fc.record({ do: fc.constant("put" as const), name, output }),
      fc.record({ do: fc.constant("look" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
        const place = newPlace();
        const at = (one: string): string => join(place.workflows, one);
        mkdirSync(at("sub"));
        const library = open(test, place, { minPollMs: 3 });
        for (const one of actions) {
          if (one.do === "write") writeFileSync(at(one.path), json(one.name, one.output));
          else if (one.do === "break")
            writeFileSync(at(one.path), json(one.name, one.output).replace("depends_on", "x"));
          else if (one.do === "cut") writeFileSync(at(one.path), "{");
          else if (one.do === "remove") rmSync(at(one.path), { force: true });
          else if (one.do === "move") {
            if (existsSync(at(one.path))) renameSync(at(one.path), at(one.to));
          } else if (one.do === "put") {
            assert.ok((await library.put({ text: json(one.name, one.output), format: "json", by: "ann" })).ok);
          } else await library.list();
        }
        // An upload looks at everything first and afterwards.
        assert.ok((await library.put({ text: json("last"), format: "json", by: "ann" })).ok);
        const seen = await library.list();
        const versions = await Promise.all(seen.map((one) => library.get(one.name).then(({ history }) => history)));
        await library.close();
        const anew = open(test, place);
        assert.deepEqual(await anew.list(), seen);
        assert.deepEqual(
          await Promise.all(seen.map((one) => anew.get(one.name).then(({ history }) => history))),
          versions,
        );
        assert.equal(new Set(seen.map((one) => one.file)).size, seen.length);
        await anew.close();
      }),
      { numRuns: 60 },
    );
  });

  it("keep the name that a file had last, also for a server that comes later", async (test) => {
    const place = newPlace();
    const file = join(place.workflows, "a.json");
    const library = open(test, place);
    // An upload looks at everything.
    const look = async (): Promise<unknown> => library.put({ text: json("other"), format: "json", by: "ann" });
    for (const name of ["w5", "w2", "w7", "w1", "w6", "w3", "w4", "w5", "w2"]) {
      writeFileSync(file, json(name));
      await look();
    }
    writeFileSync(file, "{");
    await look();
    const seen = await library.list();
    assert.deepEqual(
      seen.map(({ name, file: of, valid }) => [name, of, valid]),
      [
        ["other", "other.json", true],
        ["w2", "a.json", false],
      ],
    );
    await library.close();
    assert.deepEqual(await open(test, place).list(), seen);
  });

  it("leave a file the name it had before, once its last one is another's, also for a server that comes later", async (test) => {
    const place = newPlace();
    const at = (file: string): string => join(place.workflows, file);
    const library = open(test, place);
    const look = async (): Promise<unknown> => library.put({ text: json("other"), format: "json", by: "ann" });
    const steps = [
      ["b.json", "v"],
      ["b.json", "w"],
      ["a.json", "w"],
    ] as const;
    for (const [file, name] of steps) {
      if (file === "a.json") rmSync(at("b.json"));
      writeFileSync(at(file), json(name));
      await look();
    }
    for (const file of ["a.json", "b.json"]) writeFileSync(at(file), "{");
    await look();
    const seen = await library.list();
    assert.deepEqual(
      seen.map(({ name, file }) => `${name} ${file}`),
      ["other other.json", "v b.json", "w a.json"],
    );
    await library.close();
    assert.deepEqual(await open(test, place).list(), seen);
  });

  it("tell once that the directory cannot be read, and go on when it can", async (test) => {
    const place = newPlace();
    rmSync(place.workflows, { recursive: true });
    writeFileSync(place.workflows, "a file");
    const troubles: string[] = [];
    const library = open(test, place, { onTrouble: (trouble) => troubles.push(String(trouble)) });
    assert.deepEqual(await library.list(), []);
    unlinkSync(place.workflows);
    mkdirSync(place.workflows);
    writeFileSync(join(place.workflows, "w.json"), json("w"));
    await untilListed(test, library, (listing) => namesOf(listing) === "w");
    assert.deepEqual(troubles, [
      `Error: the directory of workflows ${place.workflows} cannot be read: a part of the path is no directory`,
    ]);
  });
});

describe("an upload", { timeout: 60_000 }, () => {
  it("makes a file, replaces it as a whole, and says so", async (test) => {
    const place = newPlace();
    rmSync(place.workflows, { recursive: true });
    const library = open(test, place);
    const created = await library.put({ text: json("etl"), format: "json", by: "ann", replaces: null });
    assert.ok(created.ok);
    assert.deepEqual([created.change, created.workflow.file, created.workflow.versions], ["created", "etl.json", 1]);
    assert.equal(readFileSync(join(place.workflows, "etl.json"), "utf8"), json("etl"));
    const same = await library.put({ text: json("etl"), format: "json", by: "bob" });
    assert.ok(same.ok && same.change === "unchanged");
    const replaced = await library.put({ text: json("etl", "/2"), format: "json", by: "bob", name: "etl" });
    assert.ok(replaced.ok && replaced.change === "replaced");
    const view = await library.get("etl");
    assert.deepEqual(
      view.history.map(({ by }) => by),
      ["bob", "ann"],
    );
    // Another format is another file in its place.
    const yaml = await library.put({ text: stringify(tree("etl", "/3")), format: "yaml", by: "ann" });
    assert.ok(yaml.ok);
    assert.deepEqual(readdirSync(place.workflows), ["etl.yaml"]);
    assert.equal((await library.get("etl", view.definition_hash)).definition_format, "json");
  });

  it("goes over the file that has the name, wherever it is, and never over another's", async (test) => {
    const place = newPlace();
    mkdirSync(join(place.workflows, "team"));
    writeFileSync(join(place.workflows, "team", "mine.yml"), stringify(tree("w")));
    writeFileSync(join(place.workflows, "v.json"), json("other"));
    const library = open(test, place);
    const put = await library.put({ text: stringify(tree("w", "/2")), format: "yaml", by: "ann" });
    assert.ok(put.ok && put.workflow.file === "team/mine.yml");
    const beside = await library.put({ text: json("v"), format: "json", by: "ann" });
    assert.ok(beside.ok && beside.workflow.file === "v-2.json");
    assert.equal(readFileSync(join(place.workflows, "v.json"), "utf8"), json("other"));
  });

  it("stays beneath the directory, whatever the workflow is called", async (test) => {
    const place = newPlace();
    const library = open(test, place);
    const names = [
      "../../etc/passwd",
      "/etc/passwd",
      "..",
      ".",
      "a/b",
      "a\\b",
      "CON",
      "Etl",
      "etl",
      "é".repeat(200),
      ".hidden",
    ];
    for (const name of names) {
      const put = await library.put({ text: json(name), format: "json", by: "ann", name });
      assert.ok(put.ok && put.change === "created", name);
      assert.equal((await library.get(name)).name, name);
    }
    assert.equal(readdirSync(place.workflows).length, names.length);
    assert.equal(namesOf(await library.list()), names.toSorted().join(" "));
    // A folder that became a link does not lead it out either.
    mkdirSync(join(place.workflows, "sub"));
    writeFileSync(join(place.workflows, "sub", "s.json"), json("s"));
    await untilListed(test, library, (listing) => listing.some(({ name }) => name === "s"));
    const outside = join(place.stateDir, "outside");
    renameSync(join(place.workflows, "sub"), outside);
    symlinkSync(outside, join(place.workflows, "sub"));
    const put = await library.put({ text: json("s", "/2"), format: "json", by: "ann" });
    assert.ok(put.ok && put.workflow.file === "s.json");
    assert.equal(readFileSync(join(outside, "s.json"), "utf8"), json("s"));
  });

  it("is refused with all that is wrong with it, and under another name than it says", async (test) => {
    const place = newPlace();
    const library = open(test, place);
    const put = await library.put({ text: '{"workflow_name": "w"}', format: "json", by: "ann", name: "w" });
    assert.ok(!put.ok);
    assert.deepEqual(new Set(put.diagnostics.map(({ code }) => code)), new Set(["WORKFLOW_MISSING_KEY"]));
    assert.equal(put.diagnostics[0]?.file, "w.json");
    const input = { text: json("w"), format: "json", by: "ann" } as const;
    await assert.rejects(library.put({ ...input, name: "v" }), { code: "USAGE" });
    await assert.rejects(library.put({ ...input, text: `${json("w")}"\ud800"` }), { code: "USAGE" });
    assert.deepEqual(readdirSync(place.workflows), []);
  });

  it("of two that expect the same version wins once", async (test) => {
    const place = newPlace();
    const library = open(test, place);
    const put = (output: string, replaces: string | null) =>
      library.put({ text: json("w", output), format: "json", by: "ann", replaces });
    const made = await Promise.allSettled([put("/1", null), put("/2", null)]);
    assert.deepEqual(
      made.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    const { definition_hash: hash = "" } = await library.get("w");
    const replaced = await Promise.allSettled([put("/3", hash), put("/4", hash), put("/5", hash)]);
    assert.deepEqual(
      replaced.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected"],
    );
    const lost = replaced[1] as PromiseRejectedResult;
    assert.equal(lost.reason.code, "WORKFLOW_CHANGED");
    assert.equal(lost.reason.details.definition_hash, (await library.get("w")).definition_hash);
    // Somebody has edited the file, and nobody has looked yet.
    const edited = await library.get("w");
    writeFileSync(join(place.workflows, "w.json"), json("w", "/edited"));
    await assert.rejects(put("/6", edited.definition_hash ?? ""), { code: "WORKFLOW_CHANGED" });
    assert.equal(readFileSync(join(place.workflows, "w.json"), "utf8"), json("w", "/edited"));
  });

  it("that cannot be stored leaves everything as it was", async (test) => {
    const place = newPlace();
    writeFileSync(join(place.workflows, "w.json"), json("w"));
    const library = open(test, place);
    await library.list();
    rmSync(join(place.stateDir, "workflow-versions"), { recursive: true });
    writeFileSync(join(place.stateDir, "workflow-versions"), "a file");
    await assert.rejects(library.put({ text: json("w", "/2"), format: "json", by: "ann" }), {
      code: "WORKFLOW_UNWRITABLE",
    });
    assert.equal((await library.get("w")).definition_text, json("w"));
    assert.equal((await library.read("w")).definition.text, json("w"));
    assert.deepEqual(readdirSync(place.workflows), ["w.json"]);
  });

  it("that died half way leaves a file that nobody takes for a workflow, and that is removed later", async (test) => {
    const place = newPlace();
    const [young, old] = ["0", "1"].map((digit) => join(place.workflows, `.busbar-${digit.repeat(16)}.tmp`)) as [
      string,
      string,
    ];
    for (const path of [young, old]) writeFileSync(path, json("w"));
    const longAgo = new Date(Date.now() - 7_200_000);
    utimesSync(old, longAgo, longAgo);
    assert.deepEqual(await open(test, place).list(), []);
    assert.deepEqual([existsSync(young), existsSync(old)], [true, false]);
  });

  it("does not write through a second name of the file", async (test) => {
    const place = newPlace();
    const elsewhere = join(place.stateDir, "kept.json");
    writeFileSync(elsewhere, json("w"));
    linkSync(elsewhere, join(place.workflows, "w.json"));
    const put = await open(test, place).put({ text: json("w", "/2"), format: "json", by: "ann" });
    assert.ok(put.ok);
    assert.equal(readFileSync(elsewhere, "utf8"), json("w"));
  });
});
