import { createTransport } from 'nodemailer';
import type { Mail } from './mail-queue.ts';

export interface SmtpOptions {
  /** `smtp://` or `smtps://`. */
  url: string;
  /** The sender of all mails. */
  from: string;
}

const isLoopback = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Returns a function that hands a mail to the SMTP server. */
export function createSmtp({ url, from }: SmtpOptions): (mail: Mail) => Promise<void> {
  const { hostname, searchParams } = new URL(url);
  const transport = createTransport({
    url,
    // Mails contain links that replace a password.
    requireTLS: !isLoopback(hostname) && searchParams.get('ignoreTLS') !== 'true',
    dnsTimeout: 10_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ to, subject, text }) => {
    // As an object, the address is not parsed as a list.
    await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
  };
}
