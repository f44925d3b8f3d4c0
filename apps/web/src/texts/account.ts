import { formatNumber } from './formats.ts';

/** Pages and dialogs around a sign-in. */
export const accountTexts = {
  signIn: 'Sign in',
  toSignIn: 'Back to sign in',
  toTasks: 'Go to your tasks',
  createAccount: 'Create account',
  noAccount: 'No account yet?',
  hasAccount: 'Do you have an account?',
  name: 'Name',
  email: 'Email',
  password: 'Password',
  newPassword: 'New password',
  passwordHint: 'At least 8 characters.',
  code: 'Code',
  codeHint: 'Enter the code of your authenticator app, or a backup code.',
  trust: 'Do not ask again in this browser for 30 days',
  or: 'or',
  continueWith: { google: 'Continue with Google', github: 'Continue with GitHub' },
  signingIn: 'Signing in…',
  savePassword: 'Save password',
  forgot: 'Forgot your password?',
  forgotTitle: 'Forgot your password?',
  forgotHint: 'Enter your email address. You get a link for a new password.',
  sendLink: 'Send link',
  linkSent: (email: string) =>
    `If ${email} has an account, a mail is on its way. Its link works for one hour. Look in the spam folder too.`,
  resetTitle: 'Choose a new password',
  resetDone: 'Your password is changed. Sign in with the new one.',
  otherLink: 'Request another link',
  otherLinkInSettings: 'Request another link in the settings',
  noToken: 'This link is not complete. Copy it from the mail again.',
  verifyTitle: 'Confirm your email address',
  verifying: 'One moment…',
  verified: (email: string) => `${email} is confirmed. Thank you.`,
  verifySignedOut: 'Sign in to confirm the new email address.',
  confirmTitle: 'Look into your mail',
  confirmSent: (email: string) => `A mail is on its way to ${email}. Open the link in it to confirm the address.`,
  confirmHint: 'Come back here after that. Without a mail in a few minutes, look in the spam folder.',
  confirmed: 'I have opened the link',
  sendAgain: 'Send the mail again',
  sentAgain: 'Another mail is on its way.',
  otherAddress: 'Use another email address',
  signOutTitle: 'Sign out?',
  signOutHint: 'This device then forgets your tasks. They stay on the server.',
  signOutUnsent: (count: number) =>
    count === 1
      ? '1 change is not on the server yet. It is lost if you sign out now.'
      : `${formatNumber(count)} changes are not on the server yet. They are lost if you sign out now.`,
  signOutAnyway: 'Sign out and lose them',
  stay: 'Stay signed in',
};

/** Why a sign-in with Google or GitHub failed, by the code in the address of the page. */
export const providerProblems = new Map([
  ['access_denied', 'You did not allow the sign-in. Try again, or use your password.'],
  ['account_not_linked', 'This email address has an account. Sign in with its password and confirm the address first.'],
  ['email_not_verified', 'Your email address is not confirmed there. Confirm it, then try again.'],
  ['email_not_found', 'No email address arrived. Allow access to it, then try again.'],
  ['state_mismatch', 'The sign-in took too long, or began in another window. Try again.'],
  ['unavailable', 'The server is not available at the moment. Try again later.'],
]);

export const providerProblem = 'The sign-in did not work. Try again, or use your password.';

/** Problems of forms. */
export const problemTexts = {
  unknown: 'Something went wrong. Try again.',
  missing: {
    name: 'Enter your name.',
    email: 'Enter your email address.',
    password: 'Enter your password.',
    newPassword: 'Choose a password.',
    code: 'Enter the code.',
  },
  missingValue: 'Fill in this field.',
  noEmail: 'Enter an address such as ada@example.com.',
  tooShort: (length: number) => `Use at least ${length} characters.`,
};
