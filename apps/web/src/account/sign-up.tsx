import { isHoldfastError, type SignUpInput } from '@holdfast/client';
import { useState } from 'react';
import { Link, useSearch } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { findDeviceZone } from '../data/today.ts';
import { accountTexts } from '../texts/account.ts';
import { AccountPage } from './account-page.tsx';
import { ConfirmMail } from './confirm-mail.tsx';
import { EmailField, NameField, NewPasswordField } from './fields.tsx';
import { Form } from './form.tsx';
import { ProviderButtons } from './provider-buttons.tsx';
import { useAccountInfo } from './use-account-info.ts';

export function SignUp() {
  const holdfast = useHoldfast();
  const search = useSearch();
  const info = useAccountInfo();
  const [unconfirmed, setUnconfirmed] = useState<SignUpInput | null>(null);

  /** The account exists in any case, and the settings can set the zone later. */
  async function saveZone(): Promise<void> {
    await holdfast.user.update({ timeZone: findDeviceZone() }).catch(() => {});
  }

  async function signUp({ name = '', email = '', newPassword = '' }: Record<string, string>): Promise<void> {
    const person = { name: name.trim(), email: email.trim(), password: newPassword };
    try {
      await holdfast.signUp(person);
    } catch (error) {
      if (!isHoldfastError(error, 'CONFIRMATION_REQUIRED')) throw error;
      return setUnconfirmed(person);
    }
    await saveZone();
  }

  return (
    <AccountPage
      title={unconfirmed === null ? accountTexts.createAccount : accountTexts.confirmTitle}
      footer={
        <p>
          {accountTexts.hasAccount} <Link href={`/sign-in?${search}`}>{accountTexts.signIn}</Link>
        </p>
      }
    >
      {unconfirmed === null ? (
        <>
          <Form submit={accountTexts.createAccount} onSubmit={signUp}>
            <NameField autoFocus />
            <EmailField />
            <NewPasswordField label={accountTexts.password} />
          </Form>
          <ProviderButtons providers={info?.providers} />
        </>
      ) : (
        <ConfirmMail person={unconfirmed} onSignedIn={saveZone} onBack={() => setUnconfirmed(null)} />
      )}
    </AccountPage>
  );
}
