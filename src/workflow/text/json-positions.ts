// Loaded only where something is wrong, or where keys look like numbers: see read-json.ts.
import { type JSONVisitor, type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";
import type { Diagnostic } from "../../kernel/diagnostics.ts";
import { MAX_DIAGNOSTICS } from "../tree/problems.ts";
import { quote } from "../tree/raw.ts";
import type { ReadText, Span, Target } from "./read-text.ts";
import { createTargetTree, type TargetNode } from "./target-tree.ts";

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/** Words for jsonc-parser's errors. */
const SYNTAX: { readonly [code: string]: string } = {
  InvalidSymbol: "this is no JSON: texts stand in double quotes; only true, false and null go without",
  InvalidNumberFormat: "this is no number that JSON knows",
  PropertyNameExpected: "a key in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected here",
  CommaExpected: "a comma is expected here",
  CloseBraceExpected: "a closing brace } is expected here",
  CloseBracketExpected: "a closing bracket ] is expected here",
  EndOfFileExpected: "the file should end here",
  InvalidCommentToken: "JSON has no comments; write the file as YAML to have some",
  UnexpectedEndOfComment: "this comment does not end; and JSON has none",
  UnexpectedEndOfString: "this text is not closed by a double quote",
  UnexpectedEndOfNumber: "this number is not complete",
  InvalidUnicode: "\\u is followed by four hexadecimal digits",
  InvalidEscapeCharacter: 'a backslash is followed by one of " \\ / b f n r t u',
  InvalidCharacter: "a text holds no line break or control character; write \\n, \\t or \\u00NN",
};

/** After an error under the key, jsonc-parser reports this one as well, at the next token: it is left out. */
const FOLLOW_UPS: { readonly [code: string]: string } = {
  InvalidSymbol: "ValueExpected",
  UnexpectedEndOfString: "CommaExpected",
};

/** All that keeps the text from being JSON; undefined if the nesting is more than can be followed. */
export function findSyntaxErrors(text: string): ReadText | undefined {
  const diagnostics: Diagnostic[] = [];
  let count = 0;
  let last = -1;
  let following: string | undefined;
  const onError = (error: ParseErrorCode, offset: number, length: number, line: number): void => {
    const code = printParseErrorCode(error);
    const follows = code === following;
    following = follows ? undefined : (FOLLOW_UPS[code] ?? following);
    // One slip is often several errors; what follows on the same line follows from the first.
    if (follows || line === last) return;
    last = line;
    count += 1;
    if (diagnostics.length >= MAX_DIAGNOSTICS) return;
    const message = text.trim() === "" ? "the file is empty" : (SYNTAX[code] ?? "this is no JSON");
    diagnostics.push({ code: "WORKFLOW_SYNTAX", message, path: [], at: "value", offset, length });
  };
  try {
    visit(text, { onError }, STRICT);
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  if (count > 0) return { diagnostics, count };
  // JSON.parse found something that jsonc-parser does not.
  return { diagnostics: [{ code: "WORKFLOW_SYNTAX", message: "this is no JSON", path: [], at: "value" }], count: 1 };
}

/** Keys that stand twice in an object, the second and later ones. The text is valid JSON. */
export function findDuplicateKeys(text: string): ReadText {
  const diagnostics: Diagnostic[] = [];
  let count = 0;
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(key, offset, length, _line, _character, pathOf) {
      const keys = open.at(-1);
      if (keys?.has(key) === true) {
        count += 1;
        const message = `the key ${quote(key)} stands twice`;
        if (count > MAX_DIAGNOSTICS) return;
        const path = [...pathOf(), key];
        diagnostics.push({ code: "WORKFLOW_DUPLICATE_KEY", message, path, at: "key", offset, length });
      }
      keys?.add(key);
    },
  });
  return { diagnostics, count };
}

/** Keys of the object under a key of the top, in file order. The text is valid JSON. */
export function keysOf(text: string, topKey: string): readonly string[] {
  let keys = new Set<string>();
  let depth = 0;
  let within = false;
  visit(text, {
    onObjectBegin() {
      depth += 1;
      return depth <= 2;
    },
    onObjectEnd() {
      depth -= 1;
    },
    onArrayBegin: () => false,
    // Without it jsonc-parser would not notice that the list it leaves out has ended.
    onArrayEnd: () => {},
    onObjectProperty(key) {
      if (depth === 1) {
        within = key === topKey;
        // Of a key that stands twice the last one counts, as for JSON.parse.
        if (within) keys = new Set();
      } else if (within) keys.add(key);
    },
  });
  return [...keys];
}

/** Where the targets stand. The text is valid JSON. */
export function locateInJson(text: string, targets: readonly Target[]): readonly Span[] {
  const tree = createTargetTree(targets);
  /** The lists and objects around the present place. `index` counts the items of a list. */
  const open: { readonly target: TargetNode | undefined; readonly start: number; index: number }[] = [];
  /** The target that the next value is, where its key has just been read. */
  let next: TargetNode | undefined = tree.root;
  const begin = (offset: number): boolean => {
    const target = targetOfValue();
    open.push({ target, start: offset, index: 0 });
    return target !== undefined && target.inner.size > 0;
  };
  /** The target that the value which begins now is, if it is one. */
  const targetOfValue = (): TargetNode | undefined => {
    const parent = open.at(-1);
    if (parent === undefined || next !== undefined) {
      const target = next;
      next = undefined;
      return target;
    }
    const target = parent.target?.inner.get(parent.index);
    parent.index += 1;
    return target;
  };
  const end = (offset: number, length: number): void => {
    const ended = open.pop();
    if (ended?.target !== undefined) ended.target.value = { start: ended.start, end: offset + length };
  };
  const visitor: JSONVisitor = {
    onObjectBegin: begin,
    onArrayBegin: begin,
    onObjectEnd: end,
    onArrayEnd: end,
    onObjectProperty(key, offset, length) {
      next = open.at(-1)?.target?.inner.get(key);
      if (next !== undefined) next.key = { start: offset, end: offset + length };
    },
    onLiteralValue(_value, offset, length) {
      const target = targetOfValue();
      if (target !== undefined) target.value = { start: offset, end: offset + length };
    },
  };
  visit(text, visitor);
  return tree.spans((_value, span, within) => spanWithin(text, span, within));
}

/** A part of a string value: its escapes are longer in the file than in the value. */
function spanWithin(text: string, span: Span, within: { readonly start: number; readonly end: number }): Span {
  let at = span.start + 1;
  let start = at;
  for (let unit = 0; unit < within.end; unit += 1) {
    if (unit === within.start) start = at;
    if (text[at] === "\\") at += text[at + 1] === "u" ? 6 : 2;
    else at += 1;
  }
  return { start, end: at };
}
