// The blocks of a document that a reader types: ```sh (lines to type) and ```console (lines after `$ `, and what they
// print). What a test has to know and a reader has not stands in a comment above a block: <!-- test: … -->

/** A command as it is typed, and what is printed then; undefined where the document does not say. */
export interface Step {
  readonly command: string;
  readonly printed?: readonly string[];
}

export type Directive =
  /** In a terminal of its own, which goes on running once the block's lines have been printed. */
  | { readonly kind: "other terminal" }
  /** After Ctrl-C in the other terminals. */
  | { readonly kind: "after Ctrl-C" }
  /** What a reader has done already is typed before. */
  | { readonly kind: "first"; readonly command: string }
  /** Without the lines that begin so, for a reason. */
  | { readonly kind: "without"; readonly line: string; readonly why: string }
  /** Where a container engine with Compose 2 answers. */
  | { readonly kind: "needs docker" }
  /** Is run by another test of the project. */
  | { readonly kind: "see"; readonly test: string };

export interface Block {
  /** `README.md:16` */
  readonly place: string;
  readonly language: "sh" | "console";
  readonly directives: readonly Directive[];
  readonly steps: readonly Step[];
}

const FENCE = /^(?:<!-- test: (?<test>.+) -->\n)?```(?<language>\S*)\n(?<body>[\s\S]*?)^```$/gm;

/** Commands may have semicolons of their own. */
const NEXT_DIRECTIVE = /; (?=first |without |see |needs |other |after )/;

/** @throws Error where a directive is none, or a block has a language in which a reader would not know what to type */
export function readBlocks(path: string, text: string): readonly Block[] {
  return [...text.matchAll(FENCE)].flatMap(({ index, groups }) => {
    const { test, language, body = "" } = groups ?? {};
    const place = `${path}:${text.slice(0, index).split("\n").length}`;
    if (["bash", "shell", "sh-session", ""].includes(language ?? "")) throw new Error(`${place}: say sh or console`);
    if (language !== "sh" && language !== "console") return [];
    const directives = test === undefined ? [] : test.split(NEXT_DIRECTIVE).map((words) => readDirective(place, words));
    const without = directives.flatMap((one) => (one.kind === "without" ? [one.line] : []));
    const first = directives.flatMap((one) => (one.kind === "first" ? [{ command: one.command }] : []));
    const steps = language === "console" ? readConsole(place, body) : readScript(body, without);
    return [{ place, language, directives, steps: [...first, ...steps] }];
  });
}

function readDirective(place: string, words: string): Directive {
  if (words === "other terminal" || words === "after Ctrl-C" || words === "needs docker") return { kind: words };
  const [, test] = /^see (\S+\.test\.ts)$/.exec(words) ?? [];
  if (test !== undefined) return { kind: "see", test };
  const [, command] = /^first `([^`]+)`$/.exec(words) ?? [];
  if (command !== undefined) return { kind: "first", command };
  const [, line, why] = /^without `([^`]+)`: (.+)$/.exec(words) ?? [];
  if (line !== undefined && why !== undefined) return { kind: "without", line, why };
  throw new Error(`${place}: what is "${words}"?`);
}

/** A reader types line after line; one that ends in a backslash goes on. */
function readScript(body: string, without: readonly string[]): readonly Step[] {
  return joinLines(body)
    .filter((line) => line.trim() !== "" && !without.some((start) => line.startsWith(start)))
    .map((command) => ({ command }));
}

function readConsole(place: string, body: string): readonly Step[] {
  const steps: { command: string; printed: string[] }[] = [];
  for (const line of joinLines(body)) {
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), printed: [] });
    else if (steps.length > 0) steps.at(-1)?.printed.push(line);
    else throw new Error(`${place}: nothing is typed before ${JSON.stringify(line)}`);
  }
  return steps;
}

function joinLines(body: string): readonly string[] {
  return body.replace(/\n$/, "").split(/(?<!\\)\n/);
}
