import { useState } from 'react';
import { Link } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { AccountPage } from './account-page.tsx';
import { EmailField } from './fields.tsx';
import { Form } from './form.tsx';

/** Sends a link for a new password. */
export function ForgotPassword() {
  const { account } = useHoldfast();
  const [sentTo, setSentTo] = useState<string | null>(null);

  async function send({ email = '' }: Record<string, string>): Promise<void> {
    await account.requestPasswordReset({ email: email.trim() });
    setSentTo(email.trim());
  }

  return (
    <AccountPage
      title={accountTexts.forgotTitle}
      footer={
        <p>
          <Link href="/sign-in">{accountTexts.toSignIn}</Link>
        </p>
      }
    >
      {sentTo === null ? (
        <>
          <p className="muted">{accountTexts.forgotHint}</p>
          <Form submit={accountTexts.sendLink} onSubmit={send}>
            <EmailField autoFocus />
          </Form>
        </>
      ) : (
        <p role="status">{accountTexts.linkSent(sentTo)}</p>
      )}
    </AccountPage>
  );
}
