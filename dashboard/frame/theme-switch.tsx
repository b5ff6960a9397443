import type { ReactNode } from "react";
import { chooseTheme, type Theme, themeAfter, useTheme } from "../document/theme.ts";

/** The left half is dark, the right half light: which of them is filled says which of them is chosen. */
const SHAPES: { readonly [theme in Theme]: ReactNode } = {
  system: <path d="M8 2a6 6 0 0 0 0 12z" fill="currentColor" />,
  light: <path d="M8 4.5v-3M8 14.5v-3M4.5 8h-3M14.5 8h-3M5.5 5.5l-2-2M12.5 12.5l-2-2M10.5 5.5l2-2M3.5 12.5l2-2" />,
  dark: <path d="M12.5 10A5.5 5.5 0 1 1 6.5 3 4.5 4.5 0 0 0 12.5 10z" fill="currentColor" />,
};

/** Goes from the system's theme to light to dark. */
export function ThemeSwitch(): ReactNode {
  const theme = useTheme();
  const says = `Theme: ${theme === "system" ? "as the system has it" : theme}`;
  return (
    <button
      type="button"
      className="frame-icon-button"
      aria-label={says}
      title={says}
      onClick={() => chooseTheme(themeAfter(theme))}
    >
      <svg className="frame-icon" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
        {theme === "dark" ? null : <circle cx="8" cy="8" r={theme === "light" ? 2.8 : 6} />}
        {SHAPES[theme]}
      </svg>
    </button>
  );
}
