import { showsUnicode } from "./render/charset.ts";
import { createStyle, type Style } from "./render/style.ts";
import type { Sink } from "./sink.ts";

/** stdout or stderr, as commands print to it. Secrets are masked in everything that is printed. */
export interface Output {
  /** A text for people. */
  write(text: string): void;
  /**
   * Each value as one line of JSON, all in one write. Texts are masked before they become JSON: a secret like `true`
   * would break its syntax. Names of fields stay, and words of ours (`type` …): programs read them.
   */
  writeJsonLines(values: readonly unknown[]): void;
  /** Writes much for people, waiting for a slow reader; false once nothing more can be written. */
  print(text: string): Promise<boolean>;
  /** The same, of data: every character stays as it is. */
  printData(text: string): Promise<boolean>;
  /** Resolves when everything is written, or nothing more can be. */
  flush(): Promise<void>;
  /** Aborted once nothing more can be written: the reader has gone (`| head`), or a write has failed. */
  readonly broken: AbortSignal;
  readonly style: Style;
  /** A terminal that can redraw in place. */
  readonly isTerminal: boolean;
  /**
   * Size of the terminal, 100 columns and 24 rows where it reports 0. Where there is none, a line has no end: what reads
   * a pipe or a file wants all of it.
   */
  size(): { readonly columns: number; readonly rows: number };
}

export interface OutputOptions {
  readonly color: boolean;
  /** Hides secrets. */
  readonly mask: (text: string) => string;
}

/** Fields of events that hold a word of our own, which is no secret where it is equal to one. */
const FIELDS_OF_WORDS: ReadonlySet<string> = new Set(["type", "outcome", "code", "from"]);

export function createOutput(sink: Sink, stream: NodeJS.WriteStream, { color, mask }: OutputOptions): Output {
  const isTty = stream.isTTY === true;
  const env = (name: string) => process.env[name];
  const unicode = showsUnicode({ platform: process.platform, isTerminal: isTty, env });
  const style = createStyle(color && isTty && stream.hasColors(), unicode);
  // Masked first: a secret may have a mark in it.
  const showMasked = (text: string) => style.show(mask(text));
  async function send(text: string): Promise<boolean> {
    if (!sink.write(text)) await sink.caughtUp();
    // A write that fails emits its error only after the present callback.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return !sink.broken.aborted;
  }
  return {
    write(text) {
      sink.write(showMasked(text));
    },
    writeJsonLines(values) {
      const hide = (field: string, item: unknown): unknown =>
        typeof item === "string" && !FIELDS_OF_WORDS.has(field) ? mask(item) : item;
      sink.write(values.map((value) => `${JSON.stringify(value, hide)}\n`).join(""));
    },
    print: (text) => send(showMasked(text)),
    printData: (text) => send(mask(text)),
    flush: sink.flush,
    broken: sink.broken,
    style,
    isTerminal: isTty && process.env.TERM !== "dumb",
    size: () => ({ columns: isTty ? stream.columns || 100 : Number.MAX_SAFE_INTEGER, rows: stream.rows || 24 }),
  };
}
