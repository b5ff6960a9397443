import type { ReactNode } from "react";
import { type ParamField as Param, textOf } from "../../../model/params-form.ts";
import { Field, type Tied } from "./field.tsx";

/** What a param's field is made with. */
interface ParamFieldProps {
  readonly param: Param;
  /** What stands in all fields. */
  readonly typed: { readonly [name: string]: string };
  readonly error?: string;
  readonly onType: (text: string) => void;
}

const TYPE_WORDS = { string: "text", integer: "whole number", number: "number", boolean: "yes or no" } as const;

/** The field of one param: a choice where there are few values, a number pad where it is a number. */
export function ParamField({ param, typed, error, onType }: ParamFieldProps): ReactNode {
  const text = textOf(param, typed);
  const choices = choicesOf(param);
  const control = (tied: Tied): ReactNode =>
    choices === undefined ? (
      <input
        {...tied}
        name={param.name}
        inputMode={param.type === "integer" ? "numeric" : param.type === "number" ? "decimal" : "text"}
        placeholder={param.default === undefined || param.default === "" ? undefined : String(param.default)}
        aria-required={param.isRequired || undefined}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => onType(target.value)}
      />
    ) : (
      <select {...tied} name={param.name} value={text} onChange={({ target }) => onType(target.value)}>
        {choices.includes(text) ? null : <option value={text}>choose</option>}
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  return (
    <Field
      label={param.name}
      hint={`${TYPE_WORDS[param.type]}${param.isRequired ? ", required" : ""}`}
      {...(param.description === undefined ? {} : { description: param.description })}
      {...(error === undefined ? {} : { error: `${param.name} ${error}` })}
      control={control}
    />
  );
}

function choicesOf({ type, choices }: Param): readonly string[] | undefined {
  return choices?.map(String) ?? (type === "boolean" ? ["true", "false"] : undefined);
}
