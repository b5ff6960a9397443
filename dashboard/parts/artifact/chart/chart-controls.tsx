import { type ReactNode, useId } from "react";
import type { OneCategory, OpenedFacts } from "../columns/protocol.ts";
import type { Move } from "./zoom-range.ts";

/** What of a file is drawn, and how. */
export interface Choice {
  /** The axis; undefined: the number of the row. */
  readonly x: string | undefined;
  readonly ys: readonly string[];
  readonly as: "line" | "bars";
  readonly only: OneCategory | undefined;
}

/** Columns that are drawn at once: each has a plot of its own. */
const MAX_PLOTS = 4;

const MOVES: readonly (readonly [move: Move, sign: string, says: string])[] = [
  ["back", "←", "to earlier rows"],
  ["forth", "→", "to later rows"],
  ["in", "+", "zoom into the chart"],
  ["out", "−", "zoom out of the chart"],
];

interface ChartControlsProps {
  readonly facts: OpenedFacts;
  readonly choice: Choice;
  readonly onChange: (change: Partial<Choice>) => void;
  readonly onMove: (move: Move) => void;
  /** Undefined where all of the axis is seen. */
  readonly onWhole: (() => void) | undefined;
}

export function ChartControls({ facts, choice, onChange, onMove, onWhole }: ChartControlsProps): ReactNode {
  const axes = facts.columns.filter(({ isAxis }) => isAxis);
  return (
    <div className="chart-controls">
      <ColumnChoice facts={facts} ys={choice.ys} onChange={(ys) => onChange({ ys })} />
      <div className="chart-selects">
        <Choose label="As" value={choice.as} onChange={(as) => onChange({ as: as === "bars" ? "bars" : "line" })}>
          <option value="line">line</option>
          <option value="bars">bars</option>
        </Choose>
        <Choose label="Along" value={choice.x ?? ""} onChange={(x) => onChange({ x: x === "" ? undefined : x })}>
          <option value="">row number</option>
          {axes.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Choose>
        <CategoryChoice facts={facts} only={choice.only} onChange={(only) => onChange({ only })} />
        <fieldset className="chart-moves" aria-label="What of the axis is seen">
          {MOVES.map(([move, sign, says]) => (
            <button
              key={move}
              type="button"
              className="button small"
              aria-label={says}
              title={says}
              onClick={() => onMove(move)}
            >
              {sign}
            </button>
          ))}
          <button type="button" className="button small" disabled={onWhole === undefined} onClick={onWhole}>
            All
          </button>
        </fieldset>
      </div>
    </div>
  );
}

function ColumnChoice(props: {
  readonly facts: OpenedFacts;
  readonly ys: readonly string[];
  readonly onChange: (ys: readonly string[]) => void;
}): ReactNode {
  const { facts, ys, onChange } = props;
  const numbers = facts.columns.filter(({ kind }) => kind === "number").map(({ name }) => name);
  return (
    <fieldset className="chart-columns">
      <legend className="unseen">Columns</legend>
      {numbers.map((name) => {
        const isOn = ys.includes(name);
        return (
          <label key={name} className="chart-column">
            <input
              type="checkbox"
              checked={isOn}
              disabled={!isOn && ys.length >= MAX_PLOTS}
              // In the order of the file, whatever was chosen first.
              onChange={() => onChange(numbers.filter((other) => (other === name ? !isOn : ys.includes(other))))}
            />
            {name}
          </label>
        );
      })}
    </fieldset>
  );
}

/** Rows of which text are drawn: each column that has few offers them. */
function CategoryChoice(props: {
  readonly facts: OpenedFacts;
  readonly only: OneCategory | undefined;
  readonly onChange: (only: OneCategory | undefined) => void;
}): ReactNode {
  const { facts, only, onChange } = props;
  const offered = facts.columns.flatMap(({ name, categories = [] }) =>
    categories.length < 2 ? [] : [{ column: name, categories }],
  );
  if (offered.length === 0) return null;
  const all = offered.flatMap(({ column, categories }) => categories.map((category) => ({ column, category })));
  const at = all.findIndex(({ column, category }) => column === only?.column && category === only.category);
  return (
    <Choose label="Only" value={String(at)} onChange={(value) => onChange(all[Number(value)])}>
      <option value="-1">all rows</option>
      {offered.map(({ column }) => (
        <optgroup key={column} label={column}>
          {all.map((one, index) =>
            one.column === column ? (
              <option key={one.category} value={index}>
                {one.category === "" ? "(empty)" : one.category}
              </option>
            ) : null,
          )}
        </optgroup>
      ))}
    </Choose>
  );
}

function Choose(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <span className="chart-choose">
      <label htmlFor={id}>{props.label}</label>
      <select className="field" id={id} value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {props.children}
      </select>
    </span>
  );
}
