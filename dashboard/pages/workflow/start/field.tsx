import { type ReactNode, useId } from "react";

/** What a field of the form is made with. */
interface FieldProps {
  readonly label: string;
  /** Beside the label: the type, or that it may be left out. */
  readonly hint: string;
  readonly description?: string;
  readonly error?: string;
  /** The control itself, given what ties it to its label, description and error. */
  readonly control: (tied: Tied) => ReactNode;
}

/** Attributes of a control: its look, and what ties it to the texts around it. */
export interface Tied {
  readonly className: "field";
  readonly id: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: true;
}

/** A label, a control, what it is for, and what is wrong with what stands in it. */
export function Field({ label, hint, description, error, control }: FieldProps): ReactNode {
  const id = useId();
  const described = [
    ...(error === undefined ? [] : [`${id}-error`]),
    ...(description === undefined ? [] : [`${id}-about`]),
  ];
  const tied: Tied = {
    className: "field",
    id,
    ...(described.length === 0 ? {} : { "aria-describedby": described.join(" ") }),
    ...(error === undefined ? {} : { "aria-invalid": true }),
  };
  return (
    <div className="start-field">
      <label htmlFor={id}>
        {label} <small className="quiet">{hint}</small>
      </label>
      {control(tied)}
      {error === undefined ? null : (
        <p id={`${id}-error`} className="start-field-error">
          {error}
        </p>
      )}
      {description === undefined ? null : (
        <p id={`${id}-about`} className="start-field-about">
          {description}
        </p>
      )}
    </div>
  );
}
