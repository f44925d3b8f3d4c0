import { accountTexts } from '../texts/account.ts';
import type { FieldProps } from '../ui/field.tsx';
import { FormField } from './form.tsx';

type Props = Omit<Partial<FieldProps>, 'name'>;

// The names and `autocomplete` values are those that password managers know.

export const EmailField = (props: Props) => (
  <FormField
    label={accountTexts.email}
    name="email"
    type="email"
    inputMode="email"
    autoComplete="username"
    autoCapitalize="none"
    spellCheck={false}
    maxLength={254}
    required
    {...props}
  />
);

export const CurrentPasswordField = (props: Props) => (
  <FormField
    label={accountTexts.password}
    name="password"
    type="password"
    autoComplete="current-password"
    maxLength={128}
    required
    {...props}
  />
);

export const NewPasswordField = (props: Props) => (
  <FormField
    label={accountTexts.newPassword}
    hint={accountTexts.passwordHint}
    name="newPassword"
    type="password"
    autoComplete="new-password"
    minLength={8}
    maxLength={128}
    required
    {...props}
  />
);

export const NameField = (props: Props) => (
  <FormField
    label={accountTexts.name}
    name="name"
    type="text"
    autoComplete="name"
    maxLength={200}
    required
    {...props}
  />
);

export const CodeField = (props: Props) => (
  <FormField
    label={accountTexts.code}
    name="code"
    type="text"
    autoComplete="one-time-code"
    autoCapitalize="none"
    spellCheck={false}
    maxLength={50}
    required
    {...props}
  />
);
