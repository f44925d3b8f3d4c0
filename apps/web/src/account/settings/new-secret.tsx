import { useState } from 'react';
import { common } from '../../texts/common.ts';
import { secretTexts } from '../../texts/tokens.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';

interface NewSecretProps {
  hint: string;
  label: string;
  value: string;
  onClose(): void;
}

/** Shows a secret once, to copy it. */
export function NewSecret({ hint, label, value, onClose }: NewSecretProps) {
  const [note, setNote] = useState('');

  function copy(): void {
    navigator.clipboard.writeText(value).then(
      () => setNote(secretTexts.copied),
      () => setNote(secretTexts.copyFailed),
    );
  }

  return (
    <>
      <p>{hint}</p>
      <Field label={label} value={value} readOnly onFocus={({ target }) => target.select()} />
      <p role="status">{note}</p>
      <div className="button-row">
        <Button kind="primary" icon="copy" onClick={copy}>
          {secretTexts.copy}
        </Button>
        <Button onClick={onClose}>{common.done}</Button>
      </div>
    </>
  );
}
