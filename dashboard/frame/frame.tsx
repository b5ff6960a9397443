import type { ReactNode } from "react";
import { Link } from "../parts/link.tsx";
import type { Place } from "../router.ts";
import { LiveDot } from "./live-dot.tsx";
import "./frame.css";

const PAGES = ["runs", "workflows", "services", "system"] as const;

/** What stands around every page. */
export function Frame({ place, children }: { readonly place: Place; readonly children: ReactNode }): ReactNode {
  const current = place.path[0] ?? "runs";
  return (
    <>
      <a className="frame-skip" href="#main">
        Skip to content
      </a>
      <header className="frame-bar">
        <Link to="/runs" className="frame-brand">
          Busbar
        </Link>
        <nav aria-label="Pages">
          {PAGES.map((page) => (
            <Link key={page} to={`/${page}`} aria-current={page === current ? "page" : undefined}>
              {page.replace(/^./, (letter) => letter.toUpperCase())}
            </Link>
          ))}
        </nav>
        <span className="grow" />
        <LiveDot />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
