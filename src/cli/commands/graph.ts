import { createDefinitions } from "../../app/definitions.ts";
import { GRAPH_FORMATS, type GraphFormat, renderGraph } from "../../graph/render.ts";
import type { Command } from "../command.ts";
import { EXIT_OK, exitCodeOfProblems } from "../exit-codes.ts";
import { FILE_POSITIONAL } from "../options.ts";
import { renderDiagnostics } from "../render/diagnostics.ts";
import { readInput } from "../workflow-input.ts";

export const graphCommand: Command = {
  name: "graph",
  summary: "draw the graph of a workflow file",
  positionals: [FILE_POSITIONAL],
  options: [
    { name: "format", value: "FORMAT", choices: GRAPH_FORMATS, about: "the language of the drawing (default: text)" },
  ],
  examples: [
    { command: "busbar graph workflow.yaml", says: "one line a node, by the step in which it can run" },
    { command: "busbar graph workflow.yaml --format mermaid", says: "for Markdown" },
    { command: "busbar graph workflow.yaml --format dot | dot -Tsvg", says: "for Graphviz" },
  ],
  exitCodes: "0 drawn · 2 wrong usage · 10-19 the file is not valid",
  async run({ values, io }) {
    const input = await readInput(createDefinitions(), values.positional(0) ?? "", undefined);
    if (!input.ok) {
      io.err.write(renderDiagnostics(input.diagnostics, io.err.style));
      return exitCodeOfProblems(input.diagnostics);
    }
    const format = (values.text("format") ?? "text") as GraphFormat;
    await io.out.printData(renderGraph(input.workflow, format));
    return EXIT_OK;
  },
};
