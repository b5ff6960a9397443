import type { ReactNode } from "react";
import type { FileView } from "./file-kind.ts";

const WORDS: { readonly [view in FileView]: string } = {
  table: "Table",
  chart: "Chart",
  report: "Table",
  "report chart": "Chart",
  tree: "Tree",
  text: "Text",
  bytes: "Bytes",
};

interface ViewSwitchProps {
  readonly views: readonly FileView[];
  readonly view: FileView;
  readonly onChange: (view: FileView) => void;
}

/** How a file is looked at. */
export function ViewSwitch({ views, view, onChange }: ViewSwitchProps): ReactNode {
  return (
    <fieldset className="view-switch" aria-label="Shown as">
      {views.map((one) => (
        <button key={one} type="button" aria-pressed={one === view} onClick={() => onChange(one)}>
          {WORDS[one]}
        </button>
      ))}
    </fieldset>
  );
}
