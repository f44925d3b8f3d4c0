import { use, useState } from 'react';
import { settingsTexts } from '../../../texts/settings.ts';
import { twoFactorTexts } from '../../../texts/two-factor.ts';
import { Button } from '../../../ui/button.tsx';
import { AccountInfoContext } from '../../use-account-info.ts';
import { Section } from '../section.tsx';
import { BackupCodesDialog } from './backup-codes-dialog.tsx';
import { SetUpTwoFactorDialog } from './set-up-two-factor-dialog.tsx';
import { TurnOffTwoFactorDialog } from './turn-off-two-factor-dialog.tsx';

/** Sets up the code that a sign-in needs after the password, and turns it off. */
export function TwoFactorSection() {
  const info = use(AccountInfoContext);
  const [changed, setChanged] = useState<boolean | null>(null);
  const [dialog, setDialog] = useState<'set up' | 'codes' | 'turn off' | null>(null);
  if (!info) return null;
  const isOn = changed ?? info.hasTwoFactor === true;
  const close = () => setDialog(null);

  return (
    <Section title={twoFactorTexts.title} hint={twoFactorTexts.hint}>
      {info.hasPassword === false && !isOn ? (
        <p className="muted">{twoFactorTexts.needsPassword}</p>
      ) : (
        <>
          <p role="status">{isOn ? twoFactorTexts.on : twoFactorTexts.off}</p>
          <div className="button-row">
            {isOn ? (
              <>
                <Button onClick={() => setDialog('codes')}>{twoFactorTexts.newCodes}</Button>
                <Button onClick={() => setDialog('turn off')}>{twoFactorTexts.turnOff}</Button>
              </>
            ) : (
              <Button aria-label={twoFactorTexts.setUp} onClick={() => setDialog('set up')}>
                {settingsTexts.setUp}
              </Button>
            )}
          </div>
        </>
      )}
      {dialog === 'set up' && <SetUpTwoFactorDialog onClose={close} onDone={() => setChanged(true)} />}
      {dialog === 'codes' && <BackupCodesDialog onClose={close} />}
      {dialog === 'turn off' && <TurnOffTwoFactorDialog onClose={close} onDone={() => setChanged(false)} />}
    </Section>
  );
}
