import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, expect } from 'vitest';

export interface Mailbox {
  /** Settings of a server that sends its mails here. */
  settings: Record<string, string>;
  /** Waits for a mail to the address with a link to this page, and returns the path of the link. */
  untilLink(address: string, page: string): Promise<string>;
}

/** Receives mails until the end of the test file. */
export async function openMailbox(): Promise<Mailbox> {
  const mails: { to: string; content: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, { envelope }, done) {
      const content = await text(stream);
      // Long lines end with `=`, and `=` itself is `=3D`.
      const plain = content.replaceAll('=\r\n', '').replaceAll('=3D', '=');
      mails.push({ to: envelope.rcptTo.map(({ address }) => address).join(), content: plain });
      done();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  return {
    settings: {
      SMTP_URL: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
      MAIL_FROM: 'Holdfast <tasks@holdfast.example>',
    },
    async untilLink(address, page) {
      const link = new RegExp(String.raw`https?://[^/\s]+(${page}\?token=[\w-]+)`);
      const find = () => mails.filter(({ to }) => to === address).map(({ content }) => link.exec(content)?.[1]);
      await expect.poll(() => find().filter(Boolean).length).toBeGreaterThan(0);
      return find().findLast(Boolean)!;
    },
  };
}
