import { Link, useSearch } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { findDeviceZone } from '../data/today.ts';
import { accountTexts } from '../texts/account.ts';
import { AccountPage } from './account-page.tsx';
import { EmailField, NameField, NewPasswordField } from './fields.tsx';
import { Form } from './form.tsx';
import { ProviderButtons } from './provider-buttons.tsx';
import { useAccountInfo } from './use-account-info.ts';

export function SignUp() {
  const holdfast = useHoldfast();
  const search = useSearch();
  const info = useAccountInfo();

  async function signUp({ name = '', email = '', newPassword = '' }: Record<string, string>): Promise<void> {
    await holdfast.signUp({ name: name.trim(), email: email.trim(), password: newPassword });
    // The account exists in any case, and the settings can set the zone later.
    await holdfast.user.update({ timeZone: findDeviceZone() }).catch(() => {});
  }

  return (
    <AccountPage
      title={accountTexts.createAccount}
      footer={
        <p>
          {accountTexts.hasAccount} <Link href={`/sign-in?${search}`}>{accountTexts.signIn}</Link>
        </p>
      }
    >
      <Form submit={accountTexts.createAccount} onSubmit={signUp}>
        <NameField autoFocus />
        <EmailField />
        <NewPasswordField label={accountTexts.password} />
      </Form>
      <ProviderButtons providers={info?.providers} />
    </AccountPage>
  );
}
