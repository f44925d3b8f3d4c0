import { type ComponentProps, type ReactNode, useId } from 'react';

export interface FieldProps extends ComponentProps<'input'> {
  label: string;
  hint?: string | undefined;
  /** The problem of the value. */
  problem?: string | undefined;
  /** A control inside the field, at its end. */
  end?: ReactNode;
}

/** A text field with its label, hint and problem. */
export function Field({ label, hint, problem, end, ...input }: FieldProps) {
  const id = useId();
  const notes = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="field-box">
        <input {...input} id={id} aria-invalid={problem ? true : undefined} aria-describedby={notes || undefined} />
        {end}
      </span>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="field-problem">
          {problem}
        </p>
      )}
    </div>
  );
}
