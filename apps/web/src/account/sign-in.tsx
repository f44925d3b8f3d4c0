import { isHoldfastError } from '@holdfast/client';
import { useState } from 'react';
import { Link, useSearch } from 'wouter';
import { useSession } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { sessionTexts } from '../texts/session.ts';
import { AccountPage } from './account-page.tsx';
import { CodeForm } from './code-form.tsx';
import { CurrentPasswordField, EmailField } from './fields.tsx';
import { Form } from './form.tsx';
import { ProviderButtons, ProviderProblem } from './provider-buttons.tsx';
import { useAccountInfo } from './use-account-info.ts';

/** Why the form is shown, if the user did not ask for it. */
function Reason() {
  const { reason, unsent } = useSession().signedOut;
  if (reason === null) return null;
  return (
    <p className="account-note" role="status">
      {sessionTexts[reason]} {unsent > 0 && sessionTexts.unsentKept(unsent)}
    </p>
  );
}

export function SignIn() {
  const { holdfast } = useSession();
  const search = useSearch();
  const info = useAccountInfo();
  const [challenge, setChallenge] = useState<string | null>(null);

  async function signIn({ email = '', password = '' }: Record<string, string>): Promise<void> {
    try {
      await holdfast.signIn({ email: email.trim(), password });
    } catch (error) {
      if (!isHoldfastError(error, 'TWO_FACTOR_REQUIRED')) throw error;
      setChallenge(error.challenge);
    }
  }

  return (
    <AccountPage
      title={accountTexts.signIn}
      footer={
        <p>
          {accountTexts.noAccount} <Link href={`/sign-up?${search}`}>{accountTexts.createAccount}</Link>
        </p>
      }
    >
      {challenge === null ? (
        <>
          <Reason />
          <ProviderProblem />
          <Form submit={accountTexts.signIn} onSubmit={signIn}>
            <EmailField autoFocus />
            <CurrentPasswordField />
          </Form>
          <ProviderButtons providers={info?.providers} />
        </>
      ) : (
        <CodeForm challenge={challenge} onBack={() => setChallenge(null)} />
      )}
      {info?.hasMail === true && challenge === null && (
        <p>
          <Link href="/forgot-password">{accountTexts.forgot}</Link>
        </p>
      )}
    </AccountPage>
  );
}
