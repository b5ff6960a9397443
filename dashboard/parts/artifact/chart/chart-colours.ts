import { type RefObject, useEffect, useState } from "react";
import { useTheme } from "../../../document/theme.ts";

const TOKENS = ["accent", "ink-2", "line", "surface", "st-failed"] as const;

/** The colours of the tokens as a canvas takes them. */
export type ChartColours = { readonly [token in (typeof TOKENS)[number]]: string };

/** Those that hold now, within an element; undefined until it is there. */
export function useChartColours(within: RefObject<Element | null>): ChartColours | undefined {
  const theme = useTheme();
  const [colours, setColours] = useState<ChartColours>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme says which of two colours a token is
  useEffect(() => {
    const read = (): void => {
      if (within.current !== null) setColours(readColours(within.current));
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", read);
    read();
    return () => dark.removeEventListener("change", read);
  }, [theme, within]);
  return colours;
}

function readColours(within: Element): ChartColours {
  // A custom property keeps its light-dark() unresolved: a real property says which of the two holds.
  const probe = document.createElement("span");
  probe.hidden = true;
  within.append(probe);
  const entries = TOKENS.map((token) => {
    probe.style.color = `var(--${token})`;
    return [token, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as ChartColours;
}
