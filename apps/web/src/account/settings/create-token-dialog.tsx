import type { TokenScope } from '@holdfast/client';
import { useId, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { tokenTexts } from '../../texts/tokens.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { NameField } from '../fields.tsx';
import { Form } from '../form.tsx';
import { ConfirmField } from './confirm-field.tsx';
import { NewSecret } from './new-secret.tsx';

interface CreateTokenDialogProps {
  /** Called when the server has created a token. */
  onCreate(): void;
  onClose(): void;
}

/** Creates an API token, and shows it once. */
export function CreateTokenDialog({ onCreate, onClose }: CreateTokenDialogProps) {
  const { account } = useApp().holdfast;
  const [token, setToken] = useState<string | null>(null);

  async function create({ name = '', scope, days, password }: Record<string, string>): Promise<void> {
    const expiresInDays = Number(days) || undefined;
    const created = await account.createToken({
      name: name.trim(),
      scope: scope as TokenScope,
      expiresInDays,
      password,
    });
    setToken(created.token);
    onCreate();
  }

  return (
    <Dialog title={tokenTexts.createTitle} onClose={onClose}>
      {token === null ? (
        <Form submit={tokenTexts.submit} onSubmit={create}>
          <NameField
            label={tokenTexts.name}
            hint={tokenTexts.nameHint}
            data-missing={tokenTexts.nameMissing}
            autoComplete="off"
            maxLength={100}
            autoFocus
          />
          <SelectField name="scope" label={tokenTexts.scope} first="read" options={tokenTexts.scopes} />
          <SelectField name="days" label={tokenTexts.expiry} first="90" options={tokenTexts.expiries} />
          <ConfirmField />
        </Form>
      ) : (
        <NewSecret hint={tokenTexts.once} label={tokenTexts.token} value={token} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface SelectFieldProps {
  name: string;
  label: string;
  first: string;
  options: Record<string, string>;
}

function SelectField({ name, label, first, options }: SelectFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="select" name={name} defaultValue={first}>
        {Object.entries(options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
