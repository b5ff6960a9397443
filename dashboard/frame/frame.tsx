import { type ReactNode, useEffect, useRef, useState } from "react";
import { useStanding } from "../api/session.ts";
import { useKey } from "../document/keys.ts";
import { useTitleOfPlace } from "../document/use-title.ts";
import { Link } from "../parts/link.tsx";
import type { Place } from "../router.ts";
import { KeysHelp } from "./keys-help.tsx";
import { LiveDot } from "./live-dot.tsx";
import { LostBanner } from "./lost-banner.tsx";
import { Mark } from "./mark.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";
import { Who } from "./who.tsx";
import "./frame.css";

const PAGES = ["runs", "workflows", "services", "system"] as const;

/** What stands around every page. */
export function Frame({ place, children }: { readonly place: Place; readonly children: ReactNode }): ReactNode {
  const current = place.path[0] ?? "runs";
  const [isHelpOpen, setHelpOpen] = useState(false);
  const isNobody = useStanding().kind === "nobody";
  useTitleOfPlace(place.path);
  useKey("?", "show the keys of this page", () => setHelpOpen(true));
  return (
    <>
      <a className="frame-skip" href="#main">
        Skip to content
      </a>
      <header className="frame-bar">
        <Link to="/runs" className="frame-brand" aria-label="Busbar, all runs">
          <Mark />
          <span className="frame-name">Busbar</span>
        </Link>
        <nav aria-label="Pages">
          {PAGES.map((page) => (
            <Link key={page} to={`/${page}`} aria-current={page === current ? "page" : undefined}>
              {page.replace(/^./, (letter) => letter.toUpperCase())}
            </Link>
          ))}
        </nav>
        <span className="grow" />
        {isNobody ? null : <LiveDot />}
        <Who />
        <ThemeSwitch />
        <button
          type="button"
          className="frame-icon-button"
          aria-label="Keys of this page"
          title="Keys of this page (?)"
          onClick={() => setHelpOpen(true)}
        >
          ?
        </button>
      </header>
      <LostBanner />
      <Main path={place.path.join("/")}>{children}</Main>
      {isHelpOpen ? <KeysHelp onClose={() => setHelpOpen(false)} /> : null}
    </>
  );
}

/** After a change of the page the focus is at its beginning, as it would be after a load. */
function Main({ path, children }: { readonly path: string; readonly children: ReactNode }): ReactNode {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [path]);
  return (
    <main id="main" tabIndex={-1} ref={main}>
      {children}
    </main>
  );
}
