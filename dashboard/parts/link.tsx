import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { goTo } from "../router.ts";

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: string;
}

/** A link within the dashboard: followed without loading it anew, and opened in a new tab like any other. */
export function Link({ to, ...rest }: LinkProps): ReactNode {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}
