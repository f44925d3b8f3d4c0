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
