// Who may import whom (ARCHITECTURE.md, "Layers"), and what must stay out of the pure layers.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { findCycles, formatCycle } from "../src/graph/cycles.ts";
import { createGraph } from "../src/graph/graph.ts";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/** Right may import left. */
const LAYERS = ["kernel", "graph", "workflow", "engine", "ports", "adapters", "runtimes", "app", "api", "cli"];
/** What is composed in app alone: whoever stands to its right gets it from there, types too. */
const COMPOSED = ["adapters", "runtimes"];
const PURE = ["kernel", "graph", "workflow", "engine"];
/** What stands beside the layers: a folder and all it may import besides itself. */
const ASIDE: Record<string, readonly string[]> = {
  gen: [],
  service: ["kernel", "gen"],
  testing: ["kernel", "graph", "workflow", "engine", "ports", "adapters", "runtimes", "service", "gen"],
};
/** What is no port's adapter but a library among them, which knows none of them. */
const LIBRARIES = ["grpc-client"];
/** What its neighbours share, and which knows none of them. */
const SHARED = [...LIBRARIES, "shared"];
/** Generated messages may be used by whoever speaks gRPC. */
const MAY_USE_GEN = ["adapters", "service", "testing"];
/** The dummy server and `init` are built with the service kit. */
const MAY_USE_SERVICE = ["cli", "testing"];

/** What pages may have of src: nothing that needs Node. */
const FOR_PAGES = [...PURE, "ports", "gen"];
/** The one part of the command line that they have, too. */
const WORDS_FOR_PAGES = join("cli", "render", "why.ts");
/** Within the dashboard, too, right may import left. */
const PAGE_LAYERS = ["styles", "api", "model", "document", "live", "parts", "frame", "pages"];

const IMPURE =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\.|\bconsole\.|\bperformance\.now\b/;

/** The engine is given its times as numbers, and orders alike wherever it runs. */
const IMPURE_IN_ENGINE = /\bDate\b|\blocaleCompare\b|\bIntl\b|\btoLocale\w*|\bPromise\b|\basync\b|\bawait\b/;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sources(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => {
      const text = withoutComments(readFileSync(join(src, path), "utf8"));
      // Data beside src (the JSON Schema) is nobody's layer.
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
        .map((match) => relative(src, resolve(src, dirname(path), match[1] ?? "")))
        .filter((to) => !to.startsWith(".."));
      return { path, text, imports };
    });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

const folderOf = (path: string): string => (path.includes(sep) ? (path.split(sep)[0] ?? "") : "");
const isTest = (path: string): boolean => path.endsWith(".test.ts");

/** Why `from` must not import `to`, or undefined if it may. */
export function violation(from: string, to: string): string | undefined {
  const [a, b] = [folderOf(from), folderOf(to)];
  if (a === "") return undefined; // index.ts lists the public API
  if (isTest(from) && (b === "testing" || b === a)) return undefined;
  if (a === b) {
    const [mine, other = ""] = [from.split(sep)[1], to.split(sep)[1]];
    if (!COMPOSED.includes(a) || mine === other || isTest(from) || SHARED.includes(other)) return undefined;
    return `${a} never import each other`;
  }
  if (a in ASIDE) return ASIDE[a]?.includes(b) ? undefined : `${a} imports only ${ASIDE[a]?.join(", ")}`;
  if (b === "gen") return MAY_USE_GEN.includes(a) ? undefined : `${a} does not know the wire`;
  if (b === "service") return MAY_USE_SERVICE.includes(a) || isTest(from) ? undefined : `${a} is no pipeline service`;
  if (b === "testing") return "only tests import testing";
  if (b === "adapters" && LIBRARIES.includes(to.split(sep)[1] ?? "")) return "only adapters speak to the outside";
  const [rankA, rankB] = [LAYERS.indexOf(a), LAYERS.indexOf(b)];
  if (rankA < 0 || rankB < 0) return "unknown folder";
  if (rankB >= rankA) return `${a} stands below ${b}`;
  return COMPOSED.includes(b) && rankA > LAYERS.indexOf("app") ? `${a} leaves ${b} to app` : undefined;
}

/** The programs of the pages, with what they import as they write it. */
function pageSources(): Pick<SourceFile, "path" | "imports">[] {
  const folder = join(src, "..", "dashboard");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith("bench"))
    .map((path) => {
      const text = withoutComments(readFileSync(join(folder, path), "utf8"));
      return { path, imports: [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "") };
    });
}

/** Why a file of the dashboard must not import something, or undefined if it may. */
function pageViolation(path: string, wanted: string): string | undefined {
  const mine = folderOf(path);
  if (!wanted.startsWith(".")) {
    return mine === "model" && /^react/.test(wanted) ? "what pages show is worked out without React" : undefined;
  }
  const to = relative("", join(dirname(path), wanted));
  const [up, folder = "", ...rest] = to.split(sep);
  if (up === "..") {
    const isPure = folder === "src" && FOR_PAGES.includes(rest[0] ?? "");
    return isPure || join(...rest) === WORDS_FOR_PAGES ? undefined : "pages have only what is pure";
  }
  const other = folderOf(to);
  // main.tsx, app.tsx and router.ts stand beside the layers.
  if (mine === "" || other === "" || to.endsWith(".css")) return undefined;
  if (mine === "pages" && other === "pages") {
    return path.split(sep)[1] === to.split(sep)[1] ? undefined : "a page knows no other";
  }
  return PAGE_LAYERS.indexOf(other) > PAGE_LAYERS.indexOf(mine) ? `${mine} stands below ${other}` : undefined;
}

function circles(files: readonly Pick<SourceFile, "path" | "imports">[]): readonly string[] {
  const paths = files.map(({ path }) => path);
  const positions = new Map(paths.map((path, position) => [path, position]));
  const edges = files.flatMap(({ imports }, from) =>
    imports.flatMap((path): (readonly [number, number])[] => {
      const to = positions.get(path);
      return to === undefined ? [] : [[from, to]];
    }),
  );
  return findCycles(createGraph(paths, edges)).map((cycle) => formatCycle(cycle.map((one) => paths[one] ?? "")));
}

describe("layers", () => {
  const files = sources();

  it("imports only from the left", () => {
    const found = files.flatMap((file) =>
      file.imports.flatMap((to) => {
        const why = violation(file.path, to);
        return why === undefined ? [] : [`${file.path} imports ${to}: ${why}`];
      }),
    );
    assert.deepEqual(found, []);
  });

  it("has no circle of imports, types included", () => {
    assert.deepEqual(circles(files), []);
  });

  it("keeps clocks, randomness, timers, process and console out of the pure layers", () => {
    const found = files
      .filter((file) => PURE.includes(folderOf(file.path)) && !isTest(file.path))
      .flatMap((file) => {
        const match = IMPURE.exec(file.text);
        return match === null ? [] : [`${file.path} uses ${match[0]}`];
      });
    assert.deepEqual(found, []);
  });

  it("keeps dates, locales and promises out of the engine, which gives the same bytes wherever it runs", () => {
    const found = files
      .filter((file) => folderOf(file.path) === "engine" && !isTest(file.path))
      .flatMap((file) => {
        const match = IMPURE_IN_ENGINE.exec(file.text);
        return match === null ? [] : [`${file.path} uses ${match[0]}`];
      });
    assert.deepEqual(found, []);
    for (const text of ["new Date(ms)", "Date.parse(at)", "a.localeCompare(b)", "async () => {}"]) {
      assert.match(text, IMPURE_IN_ENGINE);
    }
  });

  it("keeps the journal, which is the local runtime's own, out of the Runtime port", () => {
    const imports = new Map(files.map((file) => [file.path, file.imports]));
    const reached = new Set([join("ports", "runtime.ts")]);
    for (const path of reached) for (const to of imports.get(path) ?? []) reached.add(to);
    assert.ok(reached.has(join("engine", "requests.ts")));
    assert.equal(reached.has(join("ports", "journal.ts")), false);
  });

  it("gives the dashboard what is pure, and the sentences of explain", () => {
    const found = pageSources().flatMap(({ path, imports }) =>
      imports.flatMap((to) => {
        const why = pageViolation(path, to);
        return why === undefined ? [] : [`dashboard/${path} imports ${to}: ${why}`];
      }),
    );
    assert.deepEqual(found, []);
    assert.ok(pageViolation(join("model", "a.ts"), "react"));
    assert.ok(pageViolation(join("model", "a.ts"), "../parts/b.tsx"));
    assert.ok(pageViolation(join("parts", "a.tsx"), "../pages/runs/b.tsx"));
    assert.ok(pageViolation(join("pages", "run", "a.tsx"), "../runs/b.tsx"));
    assert.ok(pageViolation(join("pages", "run", "a.tsx"), "../../../src/app/b.ts"));
    assert.equal(pageViolation(join("pages", "run", "panel", "a.tsx"), "../b.tsx"), undefined);
  });

  it("leaves process.exit to cli", () => {
    const found = files.filter((file) => folderOf(file.path) !== "cli" && /\bprocess\.exit\(/.test(file.text));
    assert.deepEqual(
      found.map((file) => file.path),
      [],
    );
  });

  it("would notice a violation", () => {
    assert.ok(violation(join("kernel", "a.ts"), join("engine", "b.ts")));
    assert.ok(violation(join("engine", "a.ts"), join("adapters", "x", "b.ts")));
    assert.ok(violation(join("adapters", "x", "a.ts"), join("adapters", "y", "b.ts")));
    assert.ok(violation(join("service", "a.ts"), join("workflow", "b.ts")));
    assert.ok(violation(join("cli", "a.ts"), join("adapters", "x", "b.ts")));
    assert.ok(violation(join("cli", "a.ts"), join("runtimes", "local", "b.ts")));
    assert.ok(violation(join("adapters", "grpc-client", "a.ts"), join("adapters", "x", "b.ts")));
    assert.ok(violation(join("app", "a.ts"), join("adapters", "grpc-client", "b.ts")));
    assert.equal(violation(join("adapters", "x", "a.ts"), join("adapters", "grpc-client", "b.ts")), undefined);
    assert.ok(violation(join("runtimes", "remote", "a.ts"), join("runtimes", "local", "b.ts")));
    assert.ok(violation(join("runtimes", "shared", "a.ts"), join("runtimes", "local", "b.ts")));
    assert.equal(violation(join("runtimes", "local", "a.ts"), join("runtimes", "shared", "b.ts")), undefined);
    assert.equal(violation(join("cli", "a.ts"), join("app", "b.ts")), undefined);
    assert.equal(violation(join("cli", "a.ts"), join("kernel", "b.ts")), undefined);
    const circle = [
      { path: "a.ts", imports: ["b.ts"] },
      { path: "b.ts", imports: ["a.ts", "c.ts"] },
    ];
    assert.deepEqual(circles(circle), ["a.ts -> b.ts -> a.ts"]);
  });
});
