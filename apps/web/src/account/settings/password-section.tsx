import { useApp } from '../../data/app.ts';
import { useStore } from '../../data/store.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { CurrentPasswordField, NewPasswordField } from '../fields.tsx';
import { Form } from '../form.tsx';
import { Section } from './section.tsx';

/** @param onChange Called after a change, which ends the other sessions. */
export function PasswordSection({ onChange }: { onChange(): void }) {
  const { holdfast, profile } = useApp();
  const user = useStore(profile);

  async function change({ password = '', newPassword = '' }: Record<string, string>): Promise<void> {
    await holdfast.account.changePassword({ current: password, next: newPassword });
    onChange();
  }

  return (
    <Section title={settingsTexts.password} hint={settingsTexts.passwordHint}>
      <Form submit={settingsTexts.changePassword} kind="plain" done={settingsTexts.passwordChanged} onSubmit={change}>
        {/* Password managers read the account from this field. */}
        <input type="email" autoComplete="username" value={user?.email ?? ''} readOnly hidden />
        <CurrentPasswordField label={settingsTexts.currentPassword} />
        <NewPasswordField />
      </Form>
    </Section>
  );
}
