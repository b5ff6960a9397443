// Every text stands out from what it stands on, in both themes, and statuses are told apart by who sees colours otherwise.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { contrastOf, distanceOf, SIGHTS } from "./colour-sight.ts";

const dashboard = fileURLToPath(new URL("..", import.meta.url));
const tokens = readFileSync(join(dashboard, "styles", "tokens.css"), "utf8");

const THEMES = ["light", "dark"] as const;
/** Each token's colour in light and in dark. */
const COLOURS = new Map(
  [...tokens.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\);/g)].map(([, name = "", light = "", dark = ""]) => [
    name,
    { light, dark },
  ]),
);

const STATUSES = ["pending", "running", "waiting", "succeeded", "failed", "skipped", "cancelled"];
const PLACES = ["bg", "surface", "surface-2", "code-bg"];
const TINTS = STATUSES.map((status) => `bg-${status}`);

const LOG_INKS = ["red", "green", "yellow", "blue", "magenta", "cyan"].map((hue) => `log-${hue}`);

/** What is written, and on what; WCAG 2.2 AA asks for 4.5 whatever the size. */
const TEXTS: readonly (readonly [text: string, place: string])[] = [
  ...cross(["ink", "ink-2"], [...PLACES, ...TINTS]),
  ...cross(["accent"], [...PLACES, ...TINTS]),
  ...STATUSES.flatMap((status) => cross([`st-${status}`], [...PLACES, `bg-${status}`])),
  ...cross(LOG_INKS, ["code-bg", "bg-running"]),
  ...cross(["on-fill"], ["accent", ...STATUSES.map((status) => `st-${status}`)]),
];

/** Lines that say something: edges of what can be pressed, what is focused, what a graph or a chart draws. */
const LINES: readonly (readonly [line: string, place: string])[] = [
  ...cross(["line-strong"], PLACES),
  ...cross(["focus"], [...PLACES, ...TINTS]),
];

describe("the colours", () => {
  for (const theme of THEMES) {
    it(`let everything be read and every edge be seen: ${theme}`, () => {
      const contrast = ([a, b]: readonly [string, string]): number => contrastOf(colour(a, theme), colour(b, theme));
      const pale = [...TEXTS.filter((pair) => contrast(pair) < 4.5), ...LINES.filter((pair) => contrast(pair) < 3)].map(
        (pair) => `${pair.join(" on ")}: ${contrast(pair).toFixed(2)}`,
      );
      assert.deepEqual(pale, []);
    });

    it(`tell statuses apart, however the reader sees colours: ${theme}`, () => {
      // Where nothing happened it is grey, and the shapes say what it is.
      const told = STATUSES.filter((status) => status !== "skipped" && status !== "pending");
      for (const sight of SIGHTS) {
        const close = told
          .flatMap((a, i) => told.slice(i + 1).map((b) => [a, b] as const))
          .map(([a, b]) => ({ a, b, far: distanceOf(colour(`st-${a}`, theme), colour(`st-${b}`, theme), sight) }))
          .filter(({ a, b, far }) => far < (a === "succeeded" && b === "failed" ? 28 : 15))
          .map(({ a, b, far }) => `${a} and ${b}, ${sight}: ${far.toFixed(1)}`);
        assert.deepEqual(close, []);
      }
    });
  }

  it("are each held to something, but for lines that only part and what lies behind a dialog", () => {
    const held = new Set([...TEXTS, ...LINES].flat());
    const others = [...COLOURS.keys()].filter((name) => !held.has(name));
    assert.deepEqual(others, ["line", "shade"]);
  });

  it("are all tokens: no style has a colour of its own, and none uses a token that is not there", () => {
    const files = readdirSync(dashboard, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".css"))
      .map((path) => ({ path, text: readFileSync(join(dashboard, path), "utf8").replace(/\/\*[\s\S]*?\*\//g, "") }));
    const known = new Set(files.flatMap(({ text }) => [...text.matchAll(/--([\w-]+):/g)].map(([, name]) => name)));
    const wrong = files.flatMap(({ path, text }) => {
      const raw = [...text.matchAll(/:[^;{}]*?(#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab)\()/gi)];
      // With a comma: what stands there where the page has set none.
      const used = [...text.matchAll(/var\((--([\w-]+))\)/g)].filter(([, , name]) => !known.has(name));
      return [...(path.endsWith("tokens.css") ? [] : raw), ...used].map(([, what]) => `${path}: ${what}`);
    });
    assert.deepEqual(wrong, []);
  });
});

function cross<A, B>(as: readonly A[], bs: readonly B[]): (readonly [A, B])[] {
  return as.flatMap((a) => bs.map((b) => [a, b] as const));
}

function colour(name: string, theme: (typeof THEMES)[number]): string {
  return COLOURS.get(name)?.[theme] ?? assert.fail(`no token --${name}`);
}
