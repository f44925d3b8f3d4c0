import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { AccountPage } from './account-page.tsx';
import { NewPasswordField } from './fields.tsx';
import { Form } from './form.tsx';

/** Sets a new password with the link of a mail. */
export function ResetPassword() {
  const { account } = useHoldfast();
  const [params] = useSearchParams();
  const [isDone, setDone] = useState(false);
  const token = params.get('token') ?? '';

  async function reset({ newPassword = '' }: Record<string, string>): Promise<void> {
    await account.resetPassword({ token, password: newPassword });
    setDone(true);
  }

  return (
    <AccountPage
      title={accountTexts.resetTitle}
      footer={
        <p>
          <Link href={isDone ? '/sign-in' : '/forgot-password'}>
            {isDone ? accountTexts.toSignIn : accountTexts.otherLink}
          </Link>
        </p>
      }
    >
      {isDone ? (
        <p role="status">{accountTexts.resetDone}</p>
      ) : token === '' ? (
        <p>{accountTexts.noToken}</p>
      ) : (
        <Form submit={accountTexts.savePassword} onSubmit={reset}>
          <NewPasswordField autoFocus />
        </Form>
      )}
    </AccountPage>
  );
}
