import { Link } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { Field } from '../ui/field.tsx';
import { AccountForm } from './account-form.tsx';

export function SignIn() {
  const holdfast = useHoldfast();
  return (
    <AccountForm
      title={accountTexts.signIn}
      submit={accountTexts.signIn}
      onSubmit={({ email = '', password = '' }) => holdfast.signIn({ email, password })}
      footer={
        <p>
          {accountTexts.noAccount} <Link href="/sign-up">{accountTexts.createAccount}</Link>
        </p>
      }
    >
      <Field label={accountTexts.email} name="email" type="email" autoComplete="username" required />
      <Field label={accountTexts.password} name="password" type="password" autoComplete="current-password" required />
    </AccountForm>
  );
}
