import type { Output } from "./output.ts";

/** Prints many lines in few writes, and each as soon as no other follows at once. */
export interface LinePrinter {
  /** Whether anybody still reads (false after `| head`); a promise where a slow reader has to be waited for. */
  print(text: string): boolean | Promise<boolean>;
  /** Resolves when all is written. */
  flush(): Promise<void>;
}

/** Characters written at once. */
const BATCH = 32 * 1024;

export function createLinePrinter(output: Pick<Output, "printData">): LinePrinter {
  let unwritten = "";
  let hasReader = true;
  let lastWrite = Promise.resolve();

  function flush(): Promise<void> {
    const text = unwritten;
    unwritten = "";
    if (text !== "") {
      lastWrite = lastWrite.then(async () => {
        hasReader = hasReader && (await output.printData(text));
      });
    }
    return lastWrite;
  }

  return {
    flush,
    print(text) {
      if (unwritten === "") setImmediate(flush);
      unwritten += text;
      return unwritten.length >= BATCH ? flush().then(() => hasReader) : hasReader;
    },
  };
}
