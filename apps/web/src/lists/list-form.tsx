import { type FormEvent, useState } from 'react';
import { common } from '../texts/common.ts';
import { listTexts } from '../texts/lists.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { ListDot } from './list-dot.tsx';

export interface ListValues {
  name: string;
  color: string | null;
}

interface ListFormProps {
  title: string;
  first: ListValues;
  onSave(list: ListValues): void;
  onClose(): void;
}

const colors = ['#b3261e', '#a15c00', '#6b6a00', '#17693f', '#0f665e', '#1d5fd1', '#6a4bc4', '#a03a8c'];

/** The dialog for the name and color of a list. */
export function ListForm({ title, first, onSave, onClose }: ListFormProps) {
  const [color, setColor] = useState(first.color);
  const [problem, setProblem] = useState<string>();
  // Another client can choose any color.
  const choices = [null, ...colors];
  const own = color !== null && !choices.includes(color) ? [color] : [];

  function save(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem('name') as HTMLInputElement;
    const name = field.value.trim();
    if (name === '') {
      setProblem(listTexts.nameMissing);
      field.focus();
      return;
    }
    onClose();
    onSave({ name, color });
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" noValidate onSubmit={save}>
        <Field
          label={listTexts.name}
          name="name"
          dir="auto"
          defaultValue={first.name}
          problem={problem}
          required
          maxLength={200}
          autoComplete="off"
          autoFocus
        />
        <fieldset className="colors">
          <legend>{listTexts.color}</legend>
          {[...choices, ...own].map((value, at) => (
            <label key={value ?? 'none'} className="color" title={listTexts.colors[at] ?? listTexts.ownColor}>
              <input type="radio" name="color" checked={color === value} onChange={() => setColor(value)} />
              <ListDot color={value} />
              <span className="visually-hidden">{listTexts.colors[at] ?? listTexts.ownColor}</span>
            </label>
          ))}
        </fieldset>
        <div className="dialog-actions">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit">
            {common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
