import { type KeyboardEvent, memo, type ReactNode, useId, useState } from "react";
import type { NodeStatus } from "../../../src/engine/status.ts";
import { findNodes } from "../../model/find-nodes.ts";
import { StatusIcon } from "../status.tsx";

interface GraphFindProps {
  readonly ids: readonly string[];
  readonly statusOf: (id: string) => NodeStatus;
  readonly onFound: (id: string) => void;
}

const SHOWN = 8;

/** A field in which a node is found by its name. */
export const GraphFind = memo(function GraphFind({ ids, statusOf, onFound }: GraphFindProps): ReactNode {
  const [words, setWords] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const list = useId();
  const found = findNodes(ids, words, SHOWN);
  const isListed = isOpen && words.trim() !== "";
  const take = (id: string | undefined): void => {
    if (id === undefined) return;
    setOpen(false);
    setWords(id);
    onFound(id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") take(found.ids[at]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((at + step + found.ids.length) % Math.max(1, found.ids.length));
    } else if (event.key === "Escape" && words !== "") {
      setWords("");
      setOpen(false);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="graph-find">
      <input
        type="text"
        className="field field-small"
        role="combobox"
        aria-label={`Find in ${ids.length} nodes`}
        aria-autocomplete="list"
        aria-expanded={isListed}
        aria-controls={list}
        aria-activedescendant={isListed && found.ids.length > 0 ? `${list}-${at}` : undefined}
        placeholder={`Find in ${ids.length} nodes`}
        autoComplete="off"
        spellCheck={false}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <div id={list} role="listbox" aria-label="Nodes found" hidden={!isListed}>
        {found.ids.map((id, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, and keeps the focus
          <div
            key={id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(id)}
          >
            <StatusIcon status={statusOf(id)} size={14} />
            <span>{id}</span>
          </div>
        ))}
      </div>
      {isListed && found.total !== found.ids.length ? (
        <p className="graph-found quiet">{found.total - found.ids.length} more</p>
      ) : null}
      {isListed && found.total === 0 ? <p className="graph-found quiet">No node has this in its name.</p> : null}
    </div>
  );
});
