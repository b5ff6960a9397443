import type { Output } from "./io.ts";

/** Prints many lines in few writes, and each as soon as no other follows at once. */
export interface LinePrinter {
  /** Whether there still is a reader (`| head`); a promise where a slow one is waited for. */
  print(text: string): boolean | Promise<boolean>;
  /** Resolves when all is written. */
  flush(): Promise<void>;
}

/** Characters written at once. */
const BATCH = 32 * 1024;

export function createLinePrinter(output: Pick<Output, "print">): LinePrinter {
  let waiting: string[] = [];
  let length = 0;
  let scheduled = false;
  let isOpen = true;
  let printed = Promise.resolve();

  function flush(): Promise<void> {
    scheduled = false;
    if (length > 0) {
      const text = waiting.join("");
      waiting = [];
      length = 0;
      printed = printed.then(async () => {
        isOpen = isOpen && (await output.print(text));
      });
    }
    return printed;
  }

  return {
    flush,
    print(text) {
      waiting.push(text);
      length += text.length;
      if (length >= BATCH) return flush().then(() => isOpen);
      if (!scheduled) {
        scheduled = true;
        setImmediate(flush);
      }
      return isOpen;
    },
  };
}
