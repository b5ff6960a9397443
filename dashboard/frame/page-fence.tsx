import { Component, type ReactNode, useEffect, useState } from "react";
import { useTitle } from "../document/use-title.ts";
import { feed, useLiveness } from "../live/use-feed.ts";

interface PageFenceProps {
  readonly children: ReactNode;
}

interface PageFenceState {
  readonly failure?: { readonly thrown: unknown };
}

/**
 * Keeps the frame where a page cannot be shown: its program did not come, as after the server has got newer pages, or
 * has thrown. A class, for React has no other way to hear of that.
 */
export class PageFence extends Component<PageFenceProps, PageFenceState> {
  static getDerivedStateFromError(thrown: unknown): PageFenceState {
    return { failure: { thrown } };
  }

  override state: PageFenceState = {};

  override render(): ReactNode {
    const { failure } = this.state;
    return failure === undefined ? this.props.children : <BrokenPage thrown={failure.thrown} />;
  }
}

/** What `import` throws of a program or styles that did not come, in the words of each browser. */
const DID_NOT_COME = /dynamically imported module|importing a module script|unable to preload/i;

function BrokenPage({ thrown }: { readonly thrown: unknown }): ReactNode {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const didNotCome = DID_NOT_COME.test(message);
  useReloadWhenBack(didNotCome);
  useTitle("Not shown");
  return (
    <div className="page">
      <h1>This page cannot be shown</h1>
      <div role="alert">
        <p>
          {didNotCome
            ? "Its program did not come: the server does not answer, or has newer pages than this tab. It is loaded anew once the server is back."
            : "Its program has failed. That is a fault of the dashboard, not of what you look at; the other pages go on."}
        </p>
        <p>
          <code>{message}</code>
        </p>
        <button type="button" className="button primary" onClick={loadAnew}>
          Load it anew
        </button>
      </div>
    </div>
  );
}

/** A server that was away and is back has the program, or newer pages. */
function useReloadWhenBack(isWaiting: boolean): void {
  const { state } = useLiveness();
  const [wasLost, setWasLost] = useState(false);
  useEffect(() => {
    if (state === "lost") setWasLost(true);
    else if (state === "live" && wasLost && isWaiting) location.reload();
  }, [state, wasLost, isWaiting]);
}

/** Where nobody answers, a load would end on a page of the browser, which does not come back by itself. */
async function loadAnew(): Promise<void> {
  try {
    await fetch("/", { method: "HEAD", cache: "no-store" });
    location.reload();
  } catch {
    feed.retry();
  }
}
