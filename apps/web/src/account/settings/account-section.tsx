import { useState } from 'react';
import { useApp } from '../../data/app.ts';
import { SignOutDialog } from '../../later/later.tsx';
import { common } from '../../texts/common.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { DeleteAccountDialog } from './delete-account-dialog.tsx';
import { Section } from './section.tsx';
import { findUserData } from './user-data.ts';

/** What ends the use of the account. */
export function AccountSection() {
  const [dialog, setDialog] = useState<'sign out' | 'delete' | null>(null);
  const canDelete = findUserData(useApp().holdfast).delete !== undefined;
  const close = () => setDialog(null);
  return (
    <Section title={settingsTexts.account} hint={canDelete ? settingsTexts.deleteHint : undefined}>
      <div className="settings-actions">
        <Button icon="signOut" onClick={() => setDialog('sign out')}>
          {common.signOut}
        </Button>
        {canDelete && (
          <Button kind="danger" icon="trash" onClick={() => setDialog('delete')}>
            {settingsTexts.deleteAccount}
          </Button>
        )}
      </div>
      {dialog === 'sign out' && <SignOutDialog onClose={close} />}
      {dialog === 'delete' && <DeleteAccountDialog onClose={close} />}
    </Section>
  );
}
