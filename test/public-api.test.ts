// What the entries of the package export is documented, and can be named: every type that a public signature names is
// exported too, or is a member of one of the unions below. Looked at in the declaration files, as a consumer's compiler
// sees them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Node, SyntaxKind } from "typescript/unstable/ast";
import { API, type Project, SymbolFlags, type Symbol as TsSymbol } from "typescript/unstable/sync";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Each entry, and the entries whose exports its signatures may name beside its own. */
const ENTRIES = [
  { name: "busbar", file: "index.d.ts", beside: [] },
  { name: "busbar/service", file: "service/index.d.ts", beside: [] },
  // Whoever tests an adapter of a port has the port from `busbar`.
  { name: "busbar/testing", file: "testing/index.d.ts", beside: ["index.d.ts"] },
] as const;

/**
 * Exported unions, and the key by whose text their members differ: `Extract<WorkflowNode, { executor: "grpc" }>` names a
 * member, so that a new event or kind of node needs no export of its own.
 */
const UNIONS: { readonly [name: string]: string } = { EventBody: "type", WorkflowNode: "executor" };

/** Top-level declarations: what a signature can name. */
const NAMEABLE =
  SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias | SymbolFlags.Enum | SymbolFlags.Variable;

interface Declared {
  readonly name: string;
  /** `engine/events.d.ts#RunCreated`: the same thing under whatever name it is exported. */
  readonly key: string;
  readonly documentation: string;
  readonly nodes: readonly Node[];
}

let folder: string;
let api: API | undefined;
let project: Project;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-public-api-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const types = join(folder, "types");
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", types];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stdout);
  const config = join(folder, "tsconfig.json");
  const compilerOptions = {
    module: "nodenext",
    target: "es2024",
    strict: true,
    noEmit: true,
    types: ["node"],
    skipLibCheck: true,
  };
  const files = ENTRIES.map(({ file }) => join(types, file));
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  api = new API();
  const opened = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  assert.ok(opened !== undefined);
  project = opened;
});
after(() => {
  api?.close();
  rmSync(folder, { recursive: true, force: true });
});

function exportsOf(file: string): readonly Declared[] {
  const source = project.program.getSourceFile(join(folder, "types", file));
  const module = source === undefined ? undefined : project.checker.getSymbolAtLocation(source);
  assert.ok(module !== undefined, file);
  return project.checker.getExportsOfModule(module).map((symbol) => {
    const meant = resolve(symbol);
    return declaredAs(symbol.name, keyOf(meant) ?? symbol.name, meant);
  });
}

function declaredAs(name: string, key: string, symbol: TsSymbol): Declared {
  return {
    name,
    key,
    documentation: project.checker.getDocumentationCommentOfSymbol(symbol),
    nodes: symbol.declarations.flatMap((handle) => handle.resolve(project) ?? []),
  };
}

/** The members of the unions among what is exported. */
function membersOf(exported: readonly Declared[]): readonly Declared[] {
  return exported
    .filter(({ name }) => Object.hasOwn(UNIONS, name))
    .flatMap(({ name, nodes }) =>
      nodes
        .flatMap((node) => [...namedIn(node).values()])
        .filter((member) => isDiscriminated(member, UNIONS[name] ?? "")),
    );
}

/** Whether a type says by the text under a key which member of a union it is. */
function isDiscriminated({ nodes }: Declared, key: string): boolean {
  return nodes.some((node) => new RegExp(`^\\s*readonly ${key}: "[^"]+";$`, "m").test(node.getText()));
}

function resolve(symbol: TsSymbol): TsSymbol {
  return (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : project.checker.getAliasedSymbol(symbol);
}

/** @returns undefined for what is not declared here, or not at the top of a file */
function keyOf(symbol: TsSymbol): string | undefined {
  const [declaration] = symbol.declarations;
  if ((symbol.flags & NAMEABLE) === 0 || declaration === undefined) return undefined;
  const file = relative(join(folder, "types"), declaration.path);
  if (file.startsWith("..")) return undefined;
  return isTopLevel(declaration.resolve(project)) ? `${file.split(sep).join("/")}#${symbol.name}` : undefined;
}

function isTopLevel(node: Node | undefined): boolean {
  const [list, statement] = [node?.parent, node?.parent?.parent];
  if (list?.kind === SyntaxKind.SourceFile) return true;
  return list?.kind === SyntaxKind.VariableDeclarationList && statement?.parent?.kind === SyntaxKind.SourceFile;
}

/** All that the words of a declaration mean, by key. */
function namedIn(node: Node, found = new Map<string, Declared>()): ReadonlyMap<string, Declared> {
  if (node.kind === SyntaxKind.Identifier) {
    const symbol = project.checker.getSymbolAtLocation(node);
    const meant = symbol === undefined ? undefined : resolve(symbol);
    const key = meant === undefined ? undefined : keyOf(meant);
    if (meant !== undefined && key !== undefined) found.set(key, declaredAs(meant.name, key, meant));
  }
  node.forEachChild((child) => {
    namedIn(child, found);
  });
  return found;
}

for (const { name, file, beside } of ENTRIES) {
  describe(`the public API of ${name}`, () => {
    it("has a docstring at each definition", () => {
      const exported = exportsOf(file);
      assert.ok(exported.length > 5);
      const without = exported.filter(({ documentation }) => documentation.trim() === "").map(({ key }) => key);
      assert.deepEqual(without, []);
    });

    it("exports every type that one of its signatures names, or the union that it is a member of", () => {
      const exported = exportsOf(file);
      const members = membersOf(exported);
      const known = new Set([exported, members, ...beside.map(exportsOf)].flat().map(({ key }) => key));
      const missing = [...exported, ...members].flatMap(({ name, nodes }) =>
        nodes.flatMap((node) =>
          [...namedIn(node).keys()].filter((key) => !known.has(key)).map((key) => `${name} names ${key}`),
        ),
      );
      assert.deepEqual([...new Set(missing)], []);
    });

    if (file === "index.d.ts") {
      it("knows the members of its unions", () => {
        const members = membersOf(exportsOf(file)).map((member) => member.name);
        for (const member of ["RunCreated", "NodeCancelled", "GrpcNode", "DockerNode"])
          assert.ok(members.includes(member));
      });
    }
  });
}
