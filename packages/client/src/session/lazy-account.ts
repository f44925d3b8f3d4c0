import { toHoldfastError } from '../to-error.ts';
import type { AccountCalls, AccountOptions } from './account-calls.ts';

const names = [
  'info',
  'signInPage',
  'requestPasswordReset',
  'resetPassword',
  'changePassword',
  'setUpTwoFactor',
  'confirmTwoFactor',
  'turnOffTwoFactor',
  'newBackupCodes',
  'changeEmail',
  'sendVerification',
  'verifyEmail',
  'sessions',
  'endSession',
  'endOtherSessions',
  'tokens',
  'createToken',
  'endToken',
] as const satisfies (keyof AccountCalls)[];

/** Loads the code of the calls. */
export const loadAccount = () =>
  import('./account.ts').catch((cause) => {
    throw toHoldfastError(cause, { isRead: true, isSent: false });
  });

/** Creates the calls. Their code is loaded with the first call, since most pages never use it. */
export function createAccount(options: AccountOptions): AccountCalls {
  const toCall = (name: keyof AccountCalls) => async (input: never, callOptions: never) => {
    const { createAccountCalls } = await loadAccount();
    const call = createAccountCalls(options)[name] as (...given: never[]) => Promise<unknown>;
    return call(input, callOptions);
  };
  return Object.fromEntries(names.map((name) => [name, toCall(name)])) as unknown as AccountCalls;
}
