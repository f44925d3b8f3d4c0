import { openSmtp } from '@holdfast/server/test/account/smtp.ts';
import { expect } from 'vitest';

export interface Mailbox {
  /** Settings of a server that sends its mails here. */
  settings: Record<string, string>;
  /** Waits for a mail to the address with a link to this page, and returns the path of the link. */
  untilLink(address: string, page: string): Promise<string>;
}

/** Receives mails until the end of the test file. */
export async function openMailbox(): Promise<Mailbox> {
  const { env, mails } = await openSmtp();
  const { SMTP_URL, MAIL_FROM } = env;
  return {
    settings: { SMTP_URL, MAIL_FROM },
    async untilLink(address, page) {
      const find = () =>
        mails
          .filter(({ to }) => to === address)
          .map(({ link }) => link && new URL(link))
          .findLast((link) => link && link.pathname === page);
      await expect.poll(find).toBeTruthy();
      const { pathname, search } = find() as URL;
      return pathname + search;
    },
  };
}
