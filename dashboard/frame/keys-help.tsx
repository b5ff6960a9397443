import type { ReactNode } from "react";
import { areKeysOn, type KeyUse, turnKeys, useKeys } from "../document/keys.ts";
import { Dialog } from "../parts/dialog/dialog.tsx";

const NAMES: { readonly [key: string]: string } = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};

/** What `?` shows: the keys of this page. */
export function KeysHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const lines = linesOf(useKeys());
  return (
    <Dialog title="Keys of this page" onClose={onClose}>
      <dl className="frame-keys">
        {lines.map(({ says, keys }) => (
          <div key={says}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{NAMES[key] ?? key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Tab</kbd>
          </dt>
          <dd>go on to what can be pressed or typed into</dd>
        </div>
      </dl>
      <label className="row">
        <input type="checkbox" defaultChecked={areKeysOn()} onChange={({ target }) => turnKeys(target.checked)} />
        Single letters and signs work as keys
      </label>
    </Dialog>
  );
}

/** Several keys may do one thing; of several uses of one key, the last one holds. */
function linesOf(uses: readonly KeyUse[]): { readonly says: string; readonly keys: readonly string[] }[] {
  const holds = new Map(uses.map(({ key, says }) => [key, says]));
  const lines = new Map<string, string[]>();
  for (const [key, says] of holds) lines.set(says, [...(lines.get(says) ?? []), key]);
  return [...lines].map(([says, keys]) => ({ says, keys }));
}
