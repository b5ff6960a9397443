import type { ReactNode } from "react";
import type { RunCounts } from "../../api/shapes.ts";
import { SearchField } from "../../parts/search-field.tsx";
import { StatusIcon } from "../../parts/status.tsx";
import { setQuery } from "../../router.ts";
import { CHIPS, type RunsPlace } from "./runs-place.ts";
import "./runs-filter.css";

/** A field for what stands in a run. */
export function RunsSearch({ text }: { readonly text: string }): ReactNode {
  return (
    <SearchField
      label="Filter by workflow, run id or error"
      keyDoes="filter the runs"
      text={text}
      onChange={(value) => setQuery({ q: value === "" ? undefined : value })}
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
      <span className="quiet">{name}</span> <span className="runs-chip-value">{value}</span>{" "}
      <span aria-hidden="true">×</span>
    </button>
  );
}
