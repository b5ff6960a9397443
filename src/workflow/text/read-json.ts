import { isRawObject } from "../tree/raw.ts";
import { MAX_DEPTH, mayBeReordered, type ReadText } from "./read-text.ts";

/**
 * Strict JSON. The value comes from JSON.parse; jsonc-parser is loaded only to say where something is wrong
 * (measured: JSON.parse took 176 ms and 108 MB for 100,000 nodes, a tree with positions 604 ms and 498 MB).
 */
export async function readJson(text: string): Promise<ReadText> {
  const scan = scanJson(text);
  if (scan.tooDeepAt !== undefined) return tooDeep(scan.tooDeepAt);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { findSyntaxErrors } = await import("./json-positions.ts");
    return findSyntaxErrors(text) ?? tooDeep(0);
  }
  // Fewer keys in the value than in the text: some stand twice.
  const duplicates = countKeys(value) === scan.keys ? undefined : await findDuplicates(text);
  const containers = isRawObject(value) && Object.hasOwn(value, "containers") ? value.containers : undefined;
  const reordered = isRawObject(containers) && mayBeReordered(containers);
  return {
    value,
    diagnostics: duplicates?.diagnostics ?? [],
    count: duplicates?.count ?? 0,
    ...(reordered ? { containerOrder: await keysOfContainers(text) } : {}),
  };
}

function tooDeep(offset: number): ReadText {
  const message = `the file is nested deeper than ${MAX_DEPTH} levels`;
  return {
    diagnostics: [{ code: "WORKFLOW_TOO_DEEP", message, path: [], at: "value", offset, length: 1 }],
    count: 1,
  };
}

async function findDuplicates(text: string): Promise<ReadText> {
  const { findDuplicateKeys } = await import("./json-positions.ts");
  return findDuplicateKeys(text);
}

async function keysOfContainers(text: string): Promise<readonly string[]> {
  const { keysOf } = await import("./json-positions.ts");
  return keysOf(text, "containers");
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];

/**
 * Counts keys and brackets in one pass over the text, valid or not. A string ends at the end of its line at
 * the latest. jsonc-parser reads it so too, and must not come upon brackets that were not counted here.
 */
function scanJson(text: string): { readonly keys: number; readonly tooDeepAt: number | undefined } {
  let depth = 0;
  let keys = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
      let after = index + 1;
      while (isSpace(text.charCodeAt(after))) after += 1;
      if (text.charCodeAt(after) === COLON) keys += 1;
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return { keys, tooDeepAt: index };
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return { keys, tooDeepAt: undefined };
}

/** @returns the offset of the closing quote, or of what ends the string without one */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE || code === 0x0a || code === 0x0d) return index;
    if (code === BACKSLASH) index += 1;
  }
  return text.length;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function countKeys(value: unknown): number {
  let count = 0;
  const left = [value];
  const visit = (one: unknown): void => {
    if (typeof one === "object" && one !== null) left.push(one);
  };
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (Array.isArray(one)) one.forEach(visit);
    else if (isRawObject(one)) {
      // What JSON.parse made has no keys but its own.
      for (const key in one) {
        count += 1;
        visit(one[key]);
      }
    }
  }
  return count;
}
