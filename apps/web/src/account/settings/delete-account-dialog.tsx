import { useState } from 'react';
import { useSession } from '../../app/session.tsx';
import { useApp } from '../../data/app.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { CurrentPasswordField } from '../fields.tsx';
import { Form } from '../form.tsx';
import { useUserData } from './user-data.ts';

/** Deletes the account for good. The password and a check mark prevent an accident. */
export function DeleteAccountDialog({ onClose }: { onClose(): void }) {
  const { replica } = useApp();
  const { signOut } = useSession();
  const userData = useUserData();
  const [isSure, setSure] = useState(false);

  async function erase({ password = '' }: Record<string, string>): Promise<void> {
    await userData.delete!({ password });
    await replica.erase().catch(() => {});
    await signOut({ isOver: true });
  }

  return (
    <Dialog title={settingsTexts.deleteTitle} onClose={onClose}>
      <p>{settingsTexts.deleteWarning}</p>
      <Form kind="danger" submit={settingsTexts.deleteForGood} isLocked={!isSure} onSubmit={erase}>
        <CurrentPasswordField autoFocus />
        <label className="check">
          <input type="checkbox" checked={isSure} onChange={({ target }) => setSure(target.checked)} />
          {settingsTexts.deleteSure}
        </label>
      </Form>
    </Dialog>
  );
}
