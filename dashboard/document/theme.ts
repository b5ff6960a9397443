// Light, dark, or as the system has it: this browser keeps what the reader has chosen.
import { useSyncExternalStore } from "react";
import { keep, readKept } from "./kept.ts";

const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "busbar:theme";
const watchers = new Set<() => void>();
let theme: Theme = THEMES.find((name) => name === readKept(KEY)) ?? "system";
show();
// Chosen in another tab.
addEventListener("storage", ({ key, newValue }) => {
  if (key === KEY) become(THEMES.find((name) => name === newValue) ?? "system");
});

export function useTheme(): Theme {
  return useSyncExternalStore(watch, () => theme);
}

/** What a press of the switch makes of it. */
export function themeAfter(before: Theme): Theme {
  return THEMES[(THEMES.indexOf(before) + 1) % THEMES.length] ?? "system";
}

export function chooseTheme(next: Theme): void {
  keep(KEY, next === "system" ? undefined : next);
  become(next);
}

function become(next: Theme): void {
  theme = next;
  show();
  for (const watcher of watchers) watcher();
}

/** styles/tokens.css does the rest. */
function show(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
