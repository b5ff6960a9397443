import { escapeControls } from "../../kernel/text.ts";
import type { LogLine, LogStream } from "../../ports/run-logs.ts";
import type { Style } from "./style.ts";
import { widthOf } from "./text-width.ts";

export interface LogLineOptions {
  /** All nodes of the run, in file order: so a node has the same colour every time. */
  readonly nodes: readonly string[];
  /** Name the node in each line; not needed where the lines are of one node. */
  readonly withNode: boolean;
  readonly withAttempt: boolean;
  readonly timestamps: boolean;
  readonly style: Style;
  /** Control characters, which a terminal would obey, are shown as text. */
  readonly isTerminal: boolean;
}

/**
 * Lines are aligned to the longest label, but not beyond this; a longer label pushes only its own lines to the right.
 */
const MAX_ALIGNED = 32;

/** Stands between a label and the line; shows the stream also where there are no colours. */
const MARKS: { readonly [stream in LogStream]: string } = { stdout: "|", stderr: "!", busbar: "»" };

/** Colour sequences in the output of containers (ECMA-48, SGR). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const COLOURS = /\u001b\[[\d;:]*m/g;

/** `fetch | what it wrote`, or what it wrote alone; without newline. */
export function createLogLineRenderer(options: LogLineOptions): (line: LogLine) => string {
  const { style, withNode, withAttempt } = options;
  const paints = [style.cyan, style.yellow, style.green, style.magenta, style.blue];
  const paintOf = new Map(options.nodes.map((id, index) => [id, paints[index % paints.length] ?? style.bold]));
  const labelOf = ({ node_id, attempt }: Pick<LogLine, "node_id" | "attempt">): string =>
    [...(withNode ? [escapeControls(node_id)] : []), ...(withAttempt ? [`#${attempt}`] : [])].join(" ");
  const aligned = Math.max(0, ...options.nodes.map((node_id) => widthOf(labelOf({ node_id, attempt: 1 }))));

  function head(line: LogLine): string {
    const label = labelOf(line);
    const mark = style.show(MARKS[line.stream]);
    if (label === "") return line.stream === "busbar" ? style.dim(`${mark} `) : "";
    const space = " ".repeat(Math.max(0, Math.min(aligned, MAX_ALIGNED) - widthOf(label)));
    const paint = paintOf.get(line.node_id) ?? style.bold;
    return `${paint(label)}${space} ${line.stream === "stderr" ? style.red(mark) : style.dim(mark)} `;
  }

  function paintText(text: string, stream: LogStream): string {
    if (stream === "busbar") return style.dim(text);
    return stream === "stderr" && !withNode ? style.yellow(text) : text;
  }

  return (line) => {
    const text = options.isTerminal ? showControls(line.text) : line.text;
    const time = options.timestamps ? `${style.dim(line.at)} ` : "";
    return `${head(line)}${time}${text === "" ? "" : paintText(text, line.stream)}`;
  };
}

function showControls(text: string): string {
  return text.replace(COLOURS, "").split("\t").map(escapeControls).join("\t");
}
