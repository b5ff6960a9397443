import type { Json } from "../kernel/json.ts";
import { maskJson } from "../kernel/secrets.ts";
import { createStyle, type Style } from "./render/style.ts";

/** Where a command reads its surroundings and prints. Data goes to `out`, everything else to `err`. */
export interface Io {
  readonly out: Output;
  readonly err: Output;
  env(name: string): string | undefined;
}

export interface Output {
  write(text: string): void;
  /**
   * Each value as one line of JSON, all in one write. Texts are masked before they become JSON: a secret like `true`
   * would break its syntax.
   */
  writeJsonLines(values: readonly unknown[]): void;
  /** Writes much, waiting for a slow reader; false once the reader has gone (`| head`). */
  print(text: string): Promise<boolean>;
  readonly style: Style;
  /** A terminal that can redraw in place. */
  readonly isTerminal: boolean;
  /** Size of the terminal; 100 columns and 24 rows where there is none, or where it reports 0. */
  size(): { readonly columns: number; readonly rows: number };
}

/** @param options.mask hides secrets in everything that is printed */
export function createProcessIo(options: OutputOptions): Io {
  const env = (name: string) => process.env[name];
  return {
    out: createOutput(process.stdout, options),
    err: createOutput(process.stderr, options),
    env,
  };
}

interface OutputOptions {
  readonly color: boolean;
  readonly mask: (text: string) => string;
}

function createOutput(stream: NodeJS.WriteStream, options: OutputOptions): Output {
  let gone = false;
  // A reader that went away (EPIPE) must neither end a run nor print a stack.
  stream.on("error", () => {
    gone = true;
  });
  const write = (text: string): boolean => gone || stream.write(options.mask(text));
  return {
    write(text) {
      write(text);
    },
    writeJsonLines(values) {
      if (!gone) stream.write(values.map((value) => `${JSON.stringify(maskJson(value as Json, options))}\n`).join(""));
    },
    async print(text) {
      if (!write(text) && !gone) {
        await new Promise<void>((resolve) => {
          stream.once("drain", resolve).once("error", resolve).once("close", resolve);
        });
      }
      // A write that fails emits its error only after the present callback.
      await new Promise<void>((resolve) => setImmediate(resolve));
      return !gone;
    },
    style: createStyle(options.color && stream.isTTY === true && stream.hasColors()),
    isTerminal: stream.isTTY === true && process.env.TERM !== "dumb",
    size: () => ({ columns: stream.columns || 100, rows: stream.rows || 24 }),
  };
}
