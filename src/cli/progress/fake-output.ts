import type { Output } from "../output.ts";
import { createStyle } from "../render/style.ts";

/** An output that keeps what is printed, for tests. */
export interface FakeOutput extends Output {
  text(): string;
}

export function createFakeOutput(options: Partial<Pick<Output, "isTerminal" | "size">> = {}): FakeOutput {
  let text = "";
  return {
    write(more) {
      text += more;
    },
    writeJsonLines(values) {
      text += values.map((value) => `${JSON.stringify(value)}\n`).join("");
    },
    print: async () => true,
    flush: async () => undefined,
    broken: new AbortController().signal,
    style: createStyle(false),
    isTerminal: false,
    size: () => ({ columns: 80, rows: 20 }),
    ...options,
    text: () => text,
  };
}
