import type { ComponentProps } from 'react';
import { accountTexts } from '../texts/account.ts';
import type { FieldProps } from '../ui/field.tsx';
import { FormField } from './form.tsx';

type Props = Omit<Partial<FieldProps>, 'name'>;

const createField = (defaults: ComponentProps<typeof FormField>) => (props: Props) => (
  <FormField required {...defaults} {...props} />
);

// The names and `autocomplete` values are those that password managers know.

export const EmailField = createField({
  label: accountTexts.email,
  name: 'email',
  type: 'email',
  inputMode: 'email',
  autoComplete: 'username',
  autoCapitalize: 'none',
  spellCheck: false,
  maxLength: 254,
});

export const CurrentPasswordField = createField({
  label: accountTexts.password,
  name: 'password',
  type: 'password',
  autoComplete: 'current-password',
  maxLength: 128,
});

export const NewPasswordField = createField({
  label: accountTexts.newPassword,
  hint: accountTexts.passwordHint,
  name: 'newPassword',
  type: 'password',
  autoComplete: 'new-password',
  minLength: 8,
  maxLength: 128,
});

export const NameField = createField({
  label: accountTexts.name,
  name: 'name',
  type: 'text',
  autoComplete: 'name',
  maxLength: 200,
});

export const CodeField = createField({
  label: accountTexts.code,
  name: 'code',
  type: 'text',
  autoComplete: 'one-time-code',
  autoCapitalize: 'none',
  spellCheck: false,
  maxLength: 50,
});
