import { createHash } from 'node:crypto';

const gmail = /^(?:gmail|googlemail)\.com$/;

/**
 * The mailbox that probably receives the mails of an address, for limits only. A part after `+` names no other mailbox at the
 * common providers, and neither do dots at Gmail. Elsewhere, some people may share a limit.
 */
export function toMailbox(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1).toLowerCase();
  const name = address
    .slice(0, at)
    .toLowerCase()
    .replace(/(?<=.)\+.*$/, '');
  return gmail.test(domain) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`;
}

/**
 * For each kind and mailbox: people can delete their account and create another one with the same address. Anyone can use up the mails for another
 * person's password, but only with links that this person can use: they are valid for longer than the window.
 */
export const mailLimit = { max: 5, windowSeconds: 15 * 60 };

/** Addresses do not belong into the table of counts. */
export const toMailboxKey = (address: string) => createHash('sha256').update(toMailbox(address)).digest('base64url');
