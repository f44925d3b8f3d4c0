import { type ComponentProps, use } from 'react';
import { settingsTexts } from '../../texts/settings.ts';
import { CurrentPasswordField } from '../fields.tsx';
import { AccountInfoContext } from '../use-account-info.ts';

/**
 * The password, with which the user confirms a change. Without one, a recent sign-in confirms it. If the server has not said whether
 * the user has one, the field can stay empty.
 */
export function ConfirmField(props: ComponentProps<typeof CurrentPasswordField>) {
  const info = use(AccountInfoContext);
  if (info === undefined) return null;
  if (info === null) return <CurrentPasswordField {...props} required={false} hint={settingsTexts.passwordIfAny} />;
  if (info.hasPassword === false) return <p className="muted">{settingsTexts.recentSignIn}</p>;
  return <CurrentPasswordField {...props} />;
}
