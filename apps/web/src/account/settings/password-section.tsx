import { use, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { useStore } from '../../data/store.ts';
import { accountTexts } from '../../texts/account.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { CurrentPasswordField, NewPasswordField } from '../fields.tsx';
import { Form } from '../form.tsx';
import { AccountInfoContext } from '../use-account-info.ts';
import { Section } from './section.tsx';

/** @param onChange Called after a change, which ends the other sessions. */
export function PasswordSection({ onChange }: { onChange(): void }) {
  const { holdfast, profile } = useApp();
  const info = use(AccountInfoContext);
  const user = useStore(profile);

  async function change({ password = '', newPassword = '' }: Record<string, string>): Promise<void> {
    await holdfast.account.changePassword({ current: password, next: newPassword });
    onChange();
  }

  if (info === undefined) return null;
  if (info?.hasPassword === false) return <SetPassword hasMail={info.hasMail} email={user?.email ?? null} />;

  return (
    <Section title={settingsTexts.password} hint={settingsTexts.passwordHint}>
      <Form submit={settingsTexts.changePassword} kind="plain" done={settingsTexts.passwordChanged} onSubmit={change}>
        {/* Password managers read the account from this field. */}
        <input type="email" autoComplete="username" value={user?.email ?? ''} readOnly hidden />
        <CurrentPasswordField label={settingsTexts.currentPassword} />
        <NewPasswordField />
      </Form>
    </Section>
  );
}

interface SetPasswordProps {
  hasMail: boolean;
  email: string | null;
}

/** For a user who signs in only with another service. */
function SetPassword({ hasMail, email }: SetPasswordProps) {
  const { holdfast, history } = useApp();
  const [sentTo, setSentTo] = useState<string | null>(null);

  function send(to: string): void {
    setSentTo(to);
    holdfast.account.requestPasswordReset({ email: to }).catch((error: Error) => {
      setSentTo(null);
      history.report(error.message);
    });
  }

  return (
    <Section title={settingsTexts.password} hint={settingsTexts.noPassword}>
      {hasMail && email !== null && (
        <>
          <Button disabled={sentTo !== null} onClick={() => send(email)}>
            {settingsTexts.setPassword}
          </Button>
          <p role="status">{sentTo !== null && accountTexts.linkSent(sentTo)}</p>
        </>
      )}
    </Section>
  );
}
