// Keys that work all over a page, each said where `?` lists them.
import { useEffect, useRef, useSyncExternalStore } from "react";
import { keep, readKept } from "./kept.ts";

/** A key, what it does, and the doing. */
export interface KeyUse {
  /** As `KeyboardEvent.key` has it: `?`, `e`, `ArrowLeft`, `Escape`. */
  readonly key: string;
  readonly says: string;
  readonly act: (event: KeyboardEvent) => void;
}

/** Who reads out loud or dictates may have letters typed that mean no key of ours. */
const OFF = "busbar:no-keys";

let uses: readonly KeyUse[] = [];
const watchers = new Set<() => void>();

/**
 * Does something when a key is pressed while the component is shown. Not in a field, where it is typed, not in a
 * dialog, and not with Ctrl, Alt or Meta, which belong to the browser. Of several uses of a key the last one holds.
 */
export function useKey(key: string, says: string, act: (event: KeyboardEvent) => void): void {
  const current = useRef(act);
  current.current = act;
  useEffect(() => {
    const use: KeyUse = { key, says, act: (event) => current.current(event) };
    if (uses.length === 0) addEventListener("keydown", press);
    change([...uses, use]);
    return () => {
      change(uses.filter((other) => other !== use));
      if (uses.length === 0) removeEventListener("keydown", press);
    };
  }, [key, says]);
}

/** All that keys do on this page, by the order in which they came. */
export function useKeys(): readonly KeyUse[] {
  return useSyncExternalStore(watch, () => uses);
}

export function areKeysOn(): boolean {
  return readKept(OFF) === undefined;
}

/** Keeps it for this browser. Keys that type nothing, and `?`, work nevertheless. */
export function turnKeys(on: boolean): void {
  keep(OFF, on ? undefined : "1");
  change([...uses]);
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!areKeysOn() && event.key.length === 1 && event.key !== "?") return;
  const use = uses.findLast(({ key }) => key === event.key);
  if (use === undefined) return;
  event.preventDefault();
  use.act(event);
}

/** Fields in which a letter is typed, or an arrow means something; and dialogs, which have all keys to themselves. */
const TYPING =
  'input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select, dialog, [contenteditable]';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

function change(next: readonly KeyUse[]): void {
  uses = next;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
