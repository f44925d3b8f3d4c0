import { use, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { useStore } from '../../data/store.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { NameField } from '../fields.tsx';
import { Form } from '../form.tsx';
import { AccountInfoContext } from '../use-account-info.ts';
import { ChangeEmailDialog } from './change-email-dialog.tsx';
import { Section } from './section.tsx';
import { TimeZoneRow } from './time-zone-row.tsx';

/** Name, email address and time zone of the user. */
export function ProfileSection() {
  const { profile } = useApp();
  const user = useStore(profile);
  return (
    <Section title={settingsTexts.profile}>
      <Form
        submit={settingsTexts.saveName}
        kind="plain"
        done={settingsTexts.saved}
        isKept
        isInline
        onSubmit={({ name = '' }) => profile.update({ name: name.trim() })}
      >
        <NameField key={user?.name} defaultValue={user?.name ?? ''} />
      </Form>
      <EmailRow email={user?.email ?? null} />
      <TimeZoneRow />
    </Section>
  );
}

function EmailRow({ email }: { email: string | null }) {
  const info = use(AccountInfoContext);
  const { holdfast, history } = useApp();
  const [isOpen, setOpen] = useState(false);
  const [isSent, setSent] = useState(false);
  if (email === null) return null;

  function sendAgain(): void {
    setSent(true);
    holdfast.account.sendVerification().catch((error: Error) => {
      setSent(false);
      history.report(error.message);
    });
  }

  const hasMail = info?.hasMail === true;
  return (
    <div className="settings-row">
      <div>
        <p className="settings-label">{settingsTexts.email}</p>
        <p className="settings-value">{email}</p>
        {hasMail && info.emailVerified === false && (
          <p className="muted" role="status">
            {isSent ? settingsTexts.verificationSent : settingsTexts.notVerified}{' '}
            {!isSent && (
              <button type="button" className="link-button" onClick={sendAgain}>
                {settingsTexts.sendVerification}
              </button>
            )}
          </p>
        )}
      </div>
      {hasMail && (
        <Button aria-label={settingsTexts.changeEmail} onClick={() => setOpen(true)}>
          {settingsTexts.change}
        </Button>
      )}
      {isOpen && <ChangeEmailDialog onClose={() => setOpen(false)} />}
    </div>
  );
}
