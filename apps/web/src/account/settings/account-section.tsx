import { useState } from 'react';
import { SignOutDialog } from '../../later/later.tsx';
import { common } from '../../texts/common.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { DeleteAccountDialog } from './delete-account-dialog.tsx';
import { Section } from './section.tsx';

/** Sign-out and deletion of the account. */
export function AccountSection() {
  const [dialog, setDialog] = useState<'sign out' | 'delete' | null>(null);
  const close = () => setDialog(null);
  return (
    <Section title={settingsTexts.account} hint={settingsTexts.deleteHint}>
      <div className="button-row">
        <Button icon="signOut" onClick={() => setDialog('sign out')}>
          {common.signOut}
        </Button>
        <Button kind="danger" icon="trash" onClick={() => setDialog('delete')}>
          {settingsTexts.deleteAccount}
        </Button>
      </div>
      {dialog === 'sign out' && <SignOutDialog onClose={close} />}
      {dialog === 'delete' && <DeleteAccountDialog onClose={close} />}
    </Section>
  );
}
