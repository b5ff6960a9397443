import { type ReactNode, useRef } from "react";
import { useKey } from "../document/keys.ts";
import "./search-field.css";

interface SearchFieldProps {
  /** Its name, which stands in it while it is empty: `Filter by workflow or id` */
  readonly label: string;
  /** What its key does, as the list of keys has it: `filter the runs` */
  readonly keyDoes: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** The field that narrows a page's list down. `/` leads to it, Esc empties it. */
export function SearchField({ label, keyDoes, text, onChange }: SearchFieldProps): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  useKey("/", keyDoes, () => field.current?.focus());
  return (
    <input
      ref={field}
      className="field search-field"
      type="search"
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={`${label}   /`}
      value={text}
      onChange={({ target }) => onChange(target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        onChange("");
        field.current?.blur();
      }}
    />
  );
}
