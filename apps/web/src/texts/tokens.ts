/** API tokens in the settings. */
export const tokenTexts = {
  title: 'API tokens',
  hint: 'With a token, a script or another program uses your account without your password.',
  none: 'You have no API tokens.',
  create: 'New token',
  createTitle: 'New API token',
  name: 'Name',
  nameMissing: 'Name the token.',
  nameHint: 'For example, the program that uses it.',
  scope: 'Access',
  scopes: { read: 'Read only', write: 'Read and write' },
  expiry: 'Expires',
  expiries: { 30: 'After 30 days', 90: 'After 90 days', 365: 'After a year', 0: 'Never' },
  submit: 'Create token',
  once: 'Copy the token now. It is not shown again.',
  token: 'Token',
  neverUsed: 'Never used',
  expires: (date: string) => `expires ${date}`,
  expired: 'has expired',
  revoke: 'Revoke',
  revokeToken: (name: string) => `Revoke ${name}`,
};

/** A new token or URL, which is shown once. */
export const secretTexts = {
  copy: 'Copy',
  copied: 'Copied.',
  copyFailed: 'The browser refused. Select the text and copy it.',
};

/** The secret URL of the calendar in the settings. */
export const calendarTexts = {
  title: 'Calendar',
  hint: 'Other calendar apps show your due tasks if you give them a secret URL.',
  none: 'There is no URL.',
  createdOn: (date: string) => `There is a URL since ${date}.`,
  create: 'New URL',
  replace: 'Replace the URL',
  newTitle: 'URL of your calendar',
  once: 'Copy the URL now. It is not shown again. Everyone who knows it can read your due tasks.',
  url: 'URL',
  revoke: 'Revoke',
};
