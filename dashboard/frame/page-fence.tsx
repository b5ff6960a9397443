import { Component, type ReactNode } from "react";
import { useTitle } from "./use-title.ts";

interface PageFenceProps {
  readonly children: ReactNode;
}

interface PageFenceState {
  readonly isBroken: boolean;
}

/**
 * Keeps the frame where a page cannot be shown: its program did not come, as after the server has got newer pages, or
 * has thrown. A class, for React has no other way to hear of that.
 */
export class PageFence extends Component<PageFenceProps, PageFenceState> {
  static getDerivedStateFromError(): PageFenceState {
    return { isBroken: true };
  }

  override state: PageFenceState = { isBroken: false };

  override render(): ReactNode {
    return this.state.isBroken ? <BrokenPage /> : this.props.children;
  }
}

function BrokenPage(): ReactNode {
  useTitle("Not shown");
  return (
    <div className="page">
      <h1>This page cannot be shown</h1>
      <div role="alert">
        <p>Its program did not come, or has failed. The server may have newer pages than this tab, or not be there.</p>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Load it anew
        </button>
      </div>
    </div>
  );
}
