import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, expect } from 'vitest';

export interface ReceivedMail {
  from: string;
  to: string;
  subject: string;
  text: string;
  /** The token of the link, if there is one. */
  token: string | undefined;
  link: string | undefined;
}

/** An SMTP server that keeps what it receives, until the end of the test file. */
export async function openSmtp() {
  const mails: ReceivedMail[] = [];
  /** Status codes with which the server refuses the next mails. */
  const refusals: number[] = [];
  let attempts = 0;
  let held: Promise<void> | undefined;

  async function receive(stream: Readable, to: string): Promise<Error | null> {
    attempts += 1;
    const content = await text(stream);
    await held;
    const responseCode = refusals.shift();
    if (responseCode !== undefined) return Object.assign(new Error(`refused ${to}`), { responseCode });
    mails.push(parseMail(content, to));
    return null;
  }

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, { envelope }, done) {
      const error = await receive(stream, envelope.rcptTo.map(({ address }) => address).join());
      done(error);
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;

  return {
    mails,
    refusals,
    attempts: () => attempts,
    /** Accepts no mail until the returned function is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    /** Settings of a server that uses this one. */
    env: { SMTP_URL: url, MAIL_FROM: 'Holdfast <tasks@holdfast.example>', PUBLIC_URL: 'http://tasks.localhost' },
    /** Waits until an address has this many mails with the subject, and returns the last one. */
    async waitFor(to: string, subject: RegExp, count = 1): Promise<ReceivedMail> {
      const find = () => mails.filter((mail) => mail.to === to && subject.test(mail.subject));
      await expect.poll(() => find().length, { timeout: 30_000 }).toBe(count);
      return find().at(-1)!;
    },
  };
}

function parseMail(content: string, to: string): ReceivedMail {
  const end = content.indexOf('\r\n\r\n');
  const head = content.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ');
  const find = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
  const body = content.slice(end + 4);
  const isQuoted = find('content-transfer-encoding') === 'quoted-printable';
  const plain = isQuoted
    ? body.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
    : body;
  const link = /https?:\S+/.exec(plain)?.[0];
  const token = link && (new URL(link).searchParams.get('token') ?? undefined);
  return { from: find('from'), to, subject: find('subject'), text: plain, link, token };
}
