import { useState } from 'react';
import { useApp } from '../../data/app.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { EmailField } from '../fields.tsx';
import { Form } from '../form.tsx';
import { ConfirmField } from './confirm-field.tsx';

/** Asks for another email address. It changes when the user opens the link that goes there. */
export function ChangeEmailDialog({ onClose }: { onClose(): void }) {
  const { account } = useApp().holdfast;
  const [sentTo, setSentTo] = useState<string | null>(null);

  async function change({ email = '', password }: Record<string, string>): Promise<void> {
    await account.changeEmail({ email: email.trim(), password });
    setSentTo(email.trim());
  }

  return (
    <Dialog title={settingsTexts.changeEmail} onClose={onClose}>
      {sentTo === null ? (
        <Form submit={settingsTexts.sendEmailLink} onSubmit={change}>
          <EmailField label={settingsTexts.newEmail} autoComplete="email" autoFocus />
          <ConfirmField label={settingsTexts.currentPassword} />
        </Form>
      ) : (
        <p role="status">{settingsTexts.emailLinkSent(sentTo)}</p>
      )}
    </Dialog>
  );
}
