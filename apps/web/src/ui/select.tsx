interface SelectProps {
  label: string;
  /** Empty: no choice. */
  value: string;
  /** Text of the empty choice. */
  none: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange(value: string): void;
}

/** A native select without a visible label. Its empty choice names the filter. */
export function Select({ label, value, none, options, onChange }: SelectProps) {
  return (
    <select
      className="select"
      aria-label={label}
      data-chosen={value !== '' || undefined}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      <option value="">{none}</option>
      {options.map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </select>
  );
}
