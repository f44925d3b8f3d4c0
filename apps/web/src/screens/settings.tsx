import { useState } from 'react';
import { AccountSection } from '../account/settings/account-section.tsx';
import { AppearanceSection } from '../account/settings/appearance-section.tsx';
import { CalendarSection } from '../account/settings/calendar-section.tsx';
import { DataSection } from '../account/settings/data-section.tsx';
import { PasswordSection } from '../account/settings/password-section.tsx';
import { ProfileSection } from '../account/settings/profile-section.tsx';
import { SessionsSection } from '../account/settings/sessions-section.tsx';
import { TokensSection } from '../account/settings/tokens-section.tsx';
import { TwoFactorSection } from '../account/settings/two-factor/two-factor-section.tsx';
import { AccountInfoContext, useAccountInfo } from '../account/use-account-info.ts';
import { Screen } from '../app/screen.tsx';
import { common } from '../texts/common.ts';

export function SettingsScreen() {
  const [passwordChanges, setPasswordChanges] = useState(0);
  return (
    <Screen title={common.settings}>
      <AccountInfoContext value={useAccountInfo()}>
        <ProfileSection />
        <AppearanceSection />
        <PasswordSection onChange={() => setPasswordChanges((count) => count + 1)} />
        <TwoFactorSection />
        <SessionsSection version={passwordChanges} />
        <TokensSection />
        <CalendarSection />
        <DataSection />
        <AccountSection />
      </AccountInfoContext>
    </Screen>
  );
}
