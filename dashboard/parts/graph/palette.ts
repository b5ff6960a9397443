import { NODE_STATUSES, type NodeStatus } from "../../../src/engine/status.ts";

/** The colours of the tokens as a canvas takes them. */
export interface Palette {
  readonly surface: string;
  readonly line: string;
  readonly accent: string;
  readonly focus: string;
  readonly status: { readonly [status in NodeStatus]: string };
}

/** The colours that hold now; read anew when the theme changes. */
export function readPalette(element: Element): Palette {
  // A custom property keeps its light-dark() unresolved: only a real property says which of the two holds.
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const status = Object.fromEntries(NODE_STATUSES.map((name) => [name, colour(`st-${name}`)]));
  const palette = {
    surface: colour("surface"),
    line: colour("line-strong"),
    accent: colour("accent"),
    focus: colour("focus"),
    status: status as { [name in NodeStatus]: string },
  };
  probe.remove();
  return palette;
}
