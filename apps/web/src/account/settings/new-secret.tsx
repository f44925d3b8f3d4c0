import { common } from '../../texts/common.ts';
import { secretTexts } from '../../texts/tokens.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { useCopy } from './use-copy.ts';

interface NewSecretProps {
  hint: string;
  label: string;
  value: string;
  onClose(): void;
}

/** Shows a secret once, to copy it. */
export function NewSecret({ hint, label, value, onClose }: NewSecretProps) {
  const [note, copy] = useCopy(value, secretTexts);
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
