// Loaded for YAML only. It imports the package statically: an `await import("yaml")` has no named exports in the bundle.
import { type Document, parseDocument } from "yaml";
import type { ReadText, YamlReader } from "./read-text.ts";
import { buildTree } from "./yaml-build.ts";
import { locateInYaml } from "./yaml-locate.ts";
import { createYamlProblems, tooDeep, type YamlProblems } from "./yaml-problems.ts";

/** Reads YAML here and now: 1.2, core schema, one document, no tags. */
export const yamlInPlace: YamlReader = {
  read: async (text) => readYaml(text),
  locate: async (text, targets) => locateInYaml(parse(text), text, targets),
};

function parse(text: string): Document.Parsed {
  // The package's own duplicate check is quadratic, and its pretty errors would find each line again.
  return parseDocument(text, {
    version: "1.2",
    schema: "core",
    uniqueKeys: false,
    prettyErrors: false,
    // "silent" would also keep quiet about a second document.
    logLevel: "error",
  });
}

function readYaml(text: string): ReadText {
  const document = parse(text);
  const problems = createYamlProblems();
  reportErrors(problems, document, text);
  if (problems.count() > 0) return problems.result();
  const tree = buildTree(document.contents, problems);
  if (tree === undefined) return problems.result();
  const { value, containerOrder } = tree;
  return { ...problems.result(), value, ...(containerOrder === undefined ? {} : { containerOrder }) };
}

function reportErrors(problems: YamlProblems, document: Document.Parsed, text: string): void {
  // The parser's own guard against nesting: its stack ran out. All that it says besides follows from that.
  const exhausted = document.errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  if (exhausted !== undefined) return tooDeep(problems, exhausted.pos[0]);
  for (const { code, message, pos } of document.errors) {
    const what = code === "MULTIPLE_DOCS" ? "a workflow file is one document" : sentence(message);
    problems.add("WORKFLOW_SYNTAX", what, pos, { remedy: wayOut(code, text, pos[0]) });
  }
  const version = document.directives.yaml;
  if (version.explicit === true && version.version !== "1.2") {
    problems.add("WORKFLOW_SYNTAX", `the file says YAML ${version.version}; Busbar reads YAML 1.2`, [0, 1]);
  }
}

/** What is nearly always meant where YAML reads something else. */
const WAYS_OUT: { readonly [code: string]: string } = {
  BLOCK_AS_IMPLICIT_KEY: "Put a text with a colon and a space in it in quotes.",
  BAD_SCALAR_START: "Put the text in quotes.",
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_DQ_ESCAPE: "Write two backslashes for one, or put the text in single quotes.",
};

function wayOut(code: string, text: string, offset: number): string | undefined {
  const isReference = text.slice(offset - 1, offset + 1) === "${";
  return isReference ? "Put a text with ${…} in quotes where it stands within { } or [ ]." : WAYS_OUT[code];
}

/** The package's messages begin with a capital and may show source on further lines. */
function sentence(message: string): string {
  const line = message.split("\n")[0] ?? "";
  return line.charAt(0).toLowerCase() + line.slice(1);
}
