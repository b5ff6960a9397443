import type { Output } from "../output.ts";
import { createStyle } from "../render/style.ts";

/** An output that keeps what is printed, for tests. */
export interface FakeOutput extends Output {
  text(): string;
}

export function createFakeOutput(options: Partial<Pick<Output, "isTerminal" | "size" | "style">> = {}): FakeOutput {
  let text = "";
  const { style = createStyle(false) } = options;
  return {
    write(more) {
      text += style.show(more);
    },
    writeJsonLines(values) {
      text += values.map((value) => `${JSON.stringify(value)}\n`).join("");
    },
    print: async () => true,
    printData: async () => true,
    flush: async () => undefined,
    broken: new AbortController().signal,
    style,
    isTerminal: false,
    size: () => ({ columns: 80, rows: 20 }),
    ...options,
    text: () => text,
  };
}
