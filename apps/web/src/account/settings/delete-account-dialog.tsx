import { useState } from 'react';
import { useSession } from '../../app/session.tsx';
import { settingsTexts } from '../../texts/settings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Form } from '../form.tsx';
import { ConfirmField } from './confirm-field.tsx';

/** Deletes the account for good. The password and a check mark prevent an accident. */
export function DeleteAccountDialog({ onClose }: { onClose(): void }) {
  const { deleteAccount } = useSession();
  const [isSure, setSure] = useState(false);
  return (
    <Dialog title={settingsTexts.deleteTitle} onClose={onClose}>
      <p>{settingsTexts.deleteWarning}</p>
      <Form
        kind="danger"
        submit={settingsTexts.deleteForGood}
        isLocked={!isSure}
        onSubmit={({ password }) => deleteAccount(password)}
      >
        <ConfirmField />
        <label className="check">
          <input type="checkbox" checked={isSure} onChange={({ target }) => setSure(target.checked)} />
          {settingsTexts.deleteSure}
        </label>
      </Form>
    </Dialog>
  );
}
