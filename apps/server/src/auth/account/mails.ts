import type { Mail } from '../../mail/mail-queue.ts';

// No mail contains a name: at sign-up, anyone can choose any name for the address of another person.

export interface MailInput {
  /** Origin of the web app. */
  publicUrl: string;
  to: string;
}

export interface LinkInput extends MailInput {
  token: string;
}

export function toResetMail({ publicUrl, to, token }: LinkInput): Mail {
  const link = `${publicUrl}/reset-password?token=${token}`;
  return {
    to,
    link,
    subject: 'Set a new password for Holdfast',
    text: toText([
      'Set a new password for your Holdfast account with this link:',
      link,
      'The link works once, and for one hour.',
      'If you did not ask for a new password, ignore this mail. Your password stays the same.',
    ]),
  };
}

const toVerifyLink = ({ publicUrl, token }: LinkInput) => `${publicUrl}/verify-email?token=${token}`;

export function toVerificationMail(input: LinkInput): Mail {
  const link = toVerifyLink(input);
  return {
    to: input.to,
    link,
    subject: 'Confirm your email address for Holdfast',
    text: toText([
      'Confirm with this link that this is the email address of your Holdfast account:',
      link,
      'The link works once, and for 24 hours.',
      'If you have no Holdfast account, ignore this mail.',
    ]),
  };
}

/** For someone who creates an account with an address whose account waits for its confirmation. */
export function toFinishMail({ publicUrl, to, token }: LinkInput): Mail {
  const link = `${publicUrl}/reset-password?token=${token}`;
  return {
    to,
    link,
    subject: 'Finish your Holdfast account',
    text: toText([
      'An account with this email address waits for its confirmation. Choose its password with this link, which also confirms the address:',
      link,
      'The link works once, and for one hour. Earlier links for this account no longer work.',
      'If you want no Holdfast account, ignore this mail.',
    ]),
  };
}

/** For the owner of an account whose address someone uses for a new one. */
export function toTakenSignUpMail({ publicUrl, to }: MailInput): Mail {
  const link = `${publicUrl}/sign-in`;
  return {
    to,
    link,
    subject: 'You have a Holdfast account already',
    text: toText([
      'Someone wanted to create a Holdfast account with this email address. It already has one, so nothing has changed.',
      'If it was you, sign in:',
      link,
      `If you have forgotten your password, set a new one: ${publicUrl}/forgot-password`,
      'If it was not you, ignore this mail.',
    ]),
  };
}

export function toChangeMail(input: LinkInput): Mail {
  const link = toVerifyLink(input);
  return {
    to: input.to,
    link,
    subject: 'Confirm your new email address for Holdfast',
    text: toText([
      'Someone wants to use this email address for their Holdfast account. If it was you, open this link where you are signed in:',
      link,
      'The link works once, and for 24 hours.',
      'If it was not you, ignore this mail. Nothing changes.',
    ]),
  };
}

/** For the owner of an address that already has an account. */
export function toTakenMail(to: string): Mail {
  return {
    to,
    subject: 'Your email address has a Holdfast account',
    text: toText([
      'Someone wanted to use this email address for another Holdfast account. This is not possible, because it already has one.',
      'If it was you, sign in with this email address. If it was not you, ignore this mail.',
    ]),
  };
}

/** For the current address, when a change is requested. */
export function toChangeNotice({ publicUrl, to }: MailInput): Mail {
  const link = `${publicUrl}/forgot-password`;
  return {
    to,
    link,
    subject: 'Your Holdfast account may get another email address',
    text: toText([
      'Someone who knows your password asked for another email address for your Holdfast account. If it was you, ignore this mail.',
      'If it was not you, set a new password now. The email address then stays the same:',
      link,
    ]),
  };
}

/** For the former address, after the change. */
export function toChangedNotice(to: string): Mail {
  return {
    to,
    subject: 'Your Holdfast account has another email address',
    text: toText([
      'Your Holdfast account now has another email address. This one is no longer in use.',
      'If it was not you, contact the operator of your server.',
    ]),
  };
}

const toText = (paragraphs: string[]) => `Hello,\n\n${paragraphs.join('\n\n')}\n`;
