import { Link } from 'wouter';
import { useHoldfast } from '../app/session.tsx';
import { accountTexts } from '../texts/account.ts';
import { Field } from '../ui/field.tsx';
import { AccountForm } from './account-form.tsx';

export function SignUp() {
  const holdfast = useHoldfast();
  return (
    <AccountForm
      title={accountTexts.createAccount}
      submit={accountTexts.createAccount}
      onSubmit={({ name = '', email = '', password = '' }) => holdfast.signUp({ name, email, password })}
      footer={
        <p>
          {accountTexts.hasAccount} <Link href="/sign-in">{accountTexts.signIn}</Link>
        </p>
      }
    >
      <Field label={accountTexts.name} name="name" autoComplete="name" maxLength={200} required />
      <Field label={accountTexts.email} name="email" type="email" autoComplete="username" required />
      <Field
        label={accountTexts.password}
        hint={accountTexts.passwordHint}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        maxLength={128}
        required
      />
    </AccountForm>
  );
}
