import { type ReactNode, useRef } from "react";
import type { RunCounts } from "../../api/shapes.ts";
import { useKey } from "../../document/keys.ts";
import { StatusIcon } from "../../parts/status.tsx";
import { setQuery } from "../../router.ts";
import { CHIPS, type RunsPlace } from "./runs-place.ts";
import "./runs-filter.css";

/** A field for what stands in a run. `/` leads to it, Esc empties it. */
export function RunsSearch({ text }: { readonly text: string }): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  useKey("/", "filter the runs", () => field.current?.focus());
  const become = (value: string): void => setQuery({ q: value === "" ? undefined : value });
  return (
    <input
      ref={field}
      className="runs-search"
      type="search"
      aria-label="Filter by workflow, run id or error"
      aria-keyshortcuts="/"
      placeholder="Filter by workflow, run id or error   /"
      value={text}
      onChange={({ target }) => become(target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        become("");
        field.current?.blur();
      }}
    />
  );
}

interface RunsChipsProps {
  readonly place: RunsPlace;
  /** Of all runs; undefined while they are not known. */
  readonly counts: RunCounts | undefined;
}

/** Which runs the list has: by how they stand, and by what else the address says. */
export function RunsChips({ place, counts }: RunsChipsProps): ReactNode {
  const { chip, workflow, day } = place;
  return (
    <fieldset className="runs-chips">
      <legend className="unseen">Which runs</legend>
      <button
        type="button"
        className="runs-chip"
        aria-pressed={chip === undefined}
        onClick={() => setQuery({ status: undefined })}
      >
        all
        <Count of={counts === undefined ? undefined : CHIPS.reduce((sum, one) => sum + counts[one], 0)} />
      </button>
      {CHIPS.map((one) => (
        <button
          key={one}
          type="button"
          className={counts?.[one] === 0 ? "runs-chip runs-chip-none" : "runs-chip"}
          aria-pressed={one === chip}
          onClick={() => setQuery({ status: one === chip ? undefined : one })}
        >
          <StatusIcon status={one} />
          {one}
          <Count of={counts?.[one]} />
        </button>
      ))}
      {workflow === undefined ? null : <Narrowing name="workflow" value={workflow} />}
      {day === undefined ? null : <Narrowing name="day" value={day} />}
    </fieldset>
  );
}

/** Has its room before it is known. */
function Count({ of }: { readonly of: number | undefined }): ReactNode {
  return <span className="runs-chip-count">{of === undefined ? "" : of.toLocaleString("en")}</span>;
}

/** Something that the address narrows the list by; to be taken away. */
function Narrowing({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  return (
    <button
      type="button"
      className="runs-chip"
      aria-pressed="true"
      aria-label={`${name} ${value}: show all again`}
      onClick={() => setQuery({ [name]: undefined })}
    >
      <span className="quiet">{name}</span> {value} <span aria-hidden="true">×</span>
    </button>
  );
}
