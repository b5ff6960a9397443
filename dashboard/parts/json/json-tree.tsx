import { type ReactNode, useState } from "react";
import type { Json } from "../../../src/kernel/json.ts";
import "./json-tree.css";

/** Children of one value that are shown at once; a button shows as many more. */
const SHOWN_AT_ONCE = 100;
/** Values below this many levels are closed at first. */
const OPEN_LEVELS = 2;
/** Of a text; the whole of it is a click away. */
const MAX_TEXT = 2000;

/** A value of JSON whose objects and lists open and close. */
export function JsonTree({ value, label }: { readonly value: Json; readonly label: string }): ReactNode {
  return (
    <section className="json-tree" aria-label={label}>
      <ul>
        <JsonItem value={value} level={0} />
      </ul>
    </section>
  );
}

interface ItemProps {
  readonly name?: string;
  readonly value: Json;
  readonly level: number;
}

function JsonItem({ name, value, level }: ItemProps): ReactNode {
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const key = name === undefined ? null : <span className="json-tree-key">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <li>
        {key}
        <JsonScalar value={value} />
      </li>
    );
  }
  const children = Object.entries(value);
  if (children.length === 0) {
    return (
      <li>
        {key}
        {Array.isArray(value) ? "[]" : "{}"}
      </li>
    );
  }
  return (
    <li>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          {key}
          <span className="quiet">{summaryOf(value, children.length)}</span>
        </summary>
        {isOpen ? (
          <ul>
            {children.slice(0, shown).map(([name, child]) => (
              <JsonItem key={name} name={name} value={child} level={level + 1} />
            ))}
            {shown < children.length ? (
              <li>
                <button type="button" className="button small" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
                  {Math.min(SHOWN_AT_ONCE, children.length - shown)} more of {children.length}
                </button>
              </li>
            ) : null}
          </ul>
        ) : null}
      </details>
    </li>
  );
}

function JsonScalar({ value }: { readonly value: string | number | boolean | null }): ReactNode {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === "number") return <span className="json-tree-number">{value}</span>;
  if (typeof value !== "string") return <span className="json-tree-word">{String(value)}</span>;
  if (value.length <= MAX_TEXT || isWhole) return <span className="json-tree-text">{JSON.stringify(value)}</span>;
  return (
    <>
      <span className="json-tree-text">{JSON.stringify(value.slice(0, MAX_TEXT))}…</span>{" "}
      <button type="button" className="button small" onClick={() => setWhole(true)}>
        all {value.length} characters
      </button>
    </>
  );
}

function summaryOf(value: object, count: number): string {
  const [open, close, what] = Array.isArray(value) ? ["[", "]", "item"] : ["{", "}", "field"];
  return `${open} ${count} ${what}${count === 1 ? "" : "s"} ${close}`;
}
