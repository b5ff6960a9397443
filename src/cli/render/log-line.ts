import { escapeControls } from "../../kernel/text.ts";
import type { LogLine, LogStream } from "../../ports/run-logs.ts";
import type { Style } from "./style.ts";
import { widthOf } from "./text-width.ts";

export interface LogLineOptions {
  /** All of the run, in file order: a node has the same colour every time. */
  readonly nodes: readonly string[];
  /** Say of each line whose it is; left out where that is known. */
  readonly withNode: boolean;
  readonly withAttempt: boolean;
  readonly timestamps: boolean;
  readonly style: Style;
  /** Whatever else a terminal would obey is shown instead. */
  readonly isTerminal: boolean;
}

/** Longer names push their own lines to the right, not everybody's. */
const MAX_ALIGNED = 32;

/** Stands between whose line it is and what it says, and tells the stream where there are no colours, too. */
const MARKS: { readonly [stream in LogStream]: string } = { stdout: "|", stderr: "!", busbar: "»" };

/** What containers colour their texts with (ECMA-48, SGR). */
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
    const mark = MARKS[line.stream];
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
