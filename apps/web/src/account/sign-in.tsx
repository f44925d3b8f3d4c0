import { Link, useSearch } from 'wouter';
import { useSession } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { sessionTexts } from '../texts/session.ts';
import { AccountPage } from './account-page.tsx';
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
  const hasMail = useAccountInfo()?.hasMail === true;
  return (
    <AccountPage
      title={accountTexts.signIn}
      footer={
        <p>
          {accountTexts.noAccount} <Link href={`/sign-up?${search}`}>{accountTexts.createAccount}</Link>
        </p>
      }
    >
      <Reason />
      <ProviderProblem />
      <Form
        submit={accountTexts.signIn}
        onSubmit={({ email = '', password = '' }) => holdfast.signIn({ email: email.trim(), password })}
      >
        <EmailField autoFocus />
        <CurrentPasswordField />
      </Form>
      <ProviderButtons />
      {hasMail && (
        <p>
          <Link href="/forgot-password">{accountTexts.forgot}</Link>
        </p>
      )}
    </AccountPage>
  );
}
