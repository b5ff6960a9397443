// What the tab of the browser, and who hears the page, know it by.
import { useEffect, useLayoutEffect } from "react";

/** @param title of the page while it is shown: `Services` */
export function useTitle(title: string): void {
  useEffect(() => show(title), [title]);
}

/** Of the address, until the page has more to say: effects of that kind come before those of `useTitle`. */
export function useTitleOfPlace(path: readonly string[]): void {
  const title = path[1] ?? (path[0] ?? "runs").replace(/^./, (letter) => letter.toUpperCase());
  useLayoutEffect(() => show(title), [title]);
}

function show(title: string): void {
  document.title = `${title} - Busbar`;
}
